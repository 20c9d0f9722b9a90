// Package locale is everything that depends on the reader's language: the
// message catalogue, numbers, money, dates, and the handling of Khmer text.
//
// # Languages
//
// A language is one file, messages/TAG.json, with all keys of the others. The
// first keys are language.*; the rest is sorted. A value is a text with {name}
// parameters, or an object of plural forms chosen by the parameter "n" after
// the rules of CLDR. The tests of this package hold every file to the same keys
// and parameters; go test -run TestCatalogueOrder -update puts keys in order.
//
// # Digits
//
// Both languages write Latin digits, grouped by commas, with a point before the
// decimals: 2,160,000.50. Khmer digits are read everywhere (FoldDigits) but not
// written: receipt codes, phone numbers and sums are read aloud, copied from
// paper and compared between the two languages, and many who read Khmer words
// slowly know the digits of money and phones. The libraries do not agree on the
// separators of Khmer (point or comma), so the one form is fixed here.
//
// # Khmer text
//
// One picture has several byte strings. Texts are stored and shown byte for
// byte as they came; Fold makes a copy that is equal for equal pictures and is
// used for search and comparison only.
package locale
