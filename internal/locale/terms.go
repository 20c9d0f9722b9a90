package locale

// terms are the Khmer words for the product's own notions, used one way
// everywhere; the messages that name them are held to this list. A native
// speaker who finds a better word changes it here and in km.json.
var terms = map[string]string{
	"word.view":                      "មតិ",
	"word.dialogue":                  "វេទិកាសន្ទនា",
	"word.registered":                "បានកត់ត្រាទុក", // to people; ចុះបញ្ជី alone sounds like enrolling names
	"word.receipt":                   "បង្កាន់ដៃ",
	"vote.agree":                     "យល់ស្រប",
	"vote.disagree":                  "មិនយល់ស្រប",
	"vote.pass":                      "រំលង",
	"word.authority":                 "ស្ថាប័នរដ្ឋ",
	"word.considered":                "បានពិចារណា",
	"word.answer":                    "ចម្លើយ",
	"word.reasons":                   "ហេតុផល",
	"code.state.needs_information":   "ត្រូវការព័ត៌មានបន្ថែម",
	"code.event.statement.withheld":  "សម្រេចមិនផ្សាយ",
	"code.state.awaiting_moderation": "រង់ចាំពិនិត្យ",
	"status.on_time":                 "ទាន់ពេល",
	"status.late":                    "ហួសកំណត់",
	"word.need":                      "តម្រូវការ",
	"word.commitment":                "ការប្ដេជ្ញាចិត្ត",
	"word.plan.action":               "ផែនការសកម្មភាព",
	"word.plan.implementation":       "ផែនការអនុវត្ត",
	"word.plan.monitoring":           "ផែនការតាមដាន",
	"word.milestone":                 "ដំណាក់កាលគន្លឹះ",
	"word.indicator":                 "សូចនាករ",
	"status.claimed":                 "រាយការណ៍ថាបានធ្វើ",
	"status.confirmed":               "បានបញ្ជាក់",
	"status.disputed":                "មានការជំទាស់",
	"word.verify":                    "ផ្ទៀងផ្ទាត់",
	"word.participant":               "អ្នកចូលរួម",
	"code.role.facilitator":          "អ្នកសម្របសម្រួល",
	"word.organisation":              "អង្គការ/ស្ថាប័ន",
	"word.civil_society":             "សង្គមស៊ីវិល",
}

// Words that the messages never use: an election vote for reacting to a view,
// the authorities who arrest, and what offices write to themselves.
var (
	avoidedKhmer   = []string{"បោះឆ្នោត", "អាជ្ញាធរ"}
	avoidedEnglish = []string{"stakeholder", "submission", "invalid", "successful", "oops", "error", "utiliz", "utilis"}
)
