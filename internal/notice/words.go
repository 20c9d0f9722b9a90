package notice

import (
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

// What the holder of a view is told of: the last part of a message's key.
const (
	newsPublished = "published"
	newsWithheld  = "withheld"
	newsAppeal    = "appeal"
	newsReferred  = "referred"
	newsMoved     = "moved"
	newsAsked     = "asked"
	newsAnswered  = "answered"
	newsReview    = "review"
	newsClaimed   = "claimed"
	newsAssessed  = "assessed"
	// newsSome says that something happened and no more.
	newsSome = "some"
)

// news is what the holder of a view is told: no word of it, and no secret.
type news struct {
	Code   act.Code
	What   string    // empty: nothing
	Reason string    // why it was withheld, a code
	Due    time.Time // by the end of which day something is asked for
}

// newsOf says what an act means for the holder of a view. Views of which others
// are not to know, or not to know whose they are, have news and nothing more.
func newsOf(s *civic.State, h *act.Header, v *civic.Statement) news {
	if v == nil || v.Erased {
		return news{}
	}
	told := news{Code: s.Code(v.ID)}
	switch facts := h.Facts.(type) {
	case *act.StatementPublished, *act.StatementRedacted, *act.StatementMatched:
		told.What = newsPublished
	case *act.StatementWithheld:
		told.What, told.Reason = newsWithheld, facts.Reason
	case *act.AppealDecided:
		told.What = newsAppeal
	case *act.ReferralMade:
		told.What = newsReferred
	case *act.ReferralTransferred:
		told.What = newsMoved
	case *act.InformationRequested:
		r := s.Referral(h.Of)
		if r == nil || r.Info == nil || r.Info.Act != h.ID || !r.Info.Supplied.IsZero() {
			return news{} // it was supplied meanwhile
		}
		told.What = newsAsked
		if r.Info.Clock.Running() {
			told.Due = r.Info.Clock.LastDay()
		}
	case *act.AnswerIssued:
		told.What = newsAnswered
	case *act.ReviewDecided:
		told.What = newsReview
	case *act.ProgressClaimed:
		told.What = newsClaimed
	case *act.ProgressAssessed:
		told.What = newsAssessed
	}
	if told.What != "" && (v.Visibility != act.VisibilityOpen || delicate(told.Reason) || v.Moderation == civic.Withheld && delicate(v.Reason)) {
		return news{Code: told.Code, What: newsSome}
	}
	return told
}

// delicate reports whether a view was withheld to protect somebody.
func delicate(reason string) bool { return reason == act.ReasonSafeguarding || reason == "danger" }

// text is the body of a holder's message.
func (told news) text(l *locale.Locale, zone *time.Location, base string) string {
	base = strings.TrimRight(base, "/")
	in := "?lang=" + l.Tag()
	var b body
	b.add(l.T("mail.holder.receipt", "code", string(told.Code)))
	switch {
	case told.What == newsWithheld:
		b.add(l.T("mail.holder.withheld", "reason", l.T("code.reason."+told.Reason)))
	case told.What == newsAsked && !told.Due.IsZero():
		b.add(l.T("mail.holder.asked_by", "date", l.Date(told.Due, zone)))
	default:
		b.add(l.T("mail.holder." + told.What))
	}
	b.add(l.T("mail.holder.look") + "\n" + base + "/v/" + string(told.Code) + in)
	b.add(l.T("mail.holder.stop") + "\n" + base + "/r/" + string(told.Code) + in)
	b.add(l.T("mail.holder.never"))
	return b.String()
}

// arrivals counts what came to an office.
type arrivals struct {
	Referred, Moved, Escalated, Up, Review int
}

// add counts what an act means for an office that was told of it.
func (came *arrivals) add(s *civic.State, h *act.Header, office act.ID) {
	switch facts := h.Facts.(type) {
	case *act.ReferralMade:
		came.Referred++
	case *act.ReferralTransferred:
		came.Moved++
	case *act.CaseEscalated:
		for _, id := range facts.To {
			if id == office {
				came.Escalated++
				return
			}
		}
		came.Up++
	case *act.AnswerJudged:
		if reviewAsked(s, h) != nil {
			came.Review++
		}
	}
}

func (came arrivals) text(l *locale.Locale, base string) string {
	return staffText(l, base, "mail.staff.lead", []line{
		{"mail.staff.referred", came.Referred, 0}, {"mail.staff.moved", came.Moved, 0}, {"mail.staff.escalated", came.Escalated, 0},
		{"mail.staff.up", came.Up, 0}, {"mail.staff.review", came.Review, 0},
	})
}

func (d digest) text(l *locale.Locale, base string) string {
	return staffText(l, base, "mail.digest.lead", []line{
		{"mail.digest.cases_late", d.CasesLate, 0}, {"mail.digest.cases_soon", d.CasesSoon, 0},
		{"mail.digest.promises_late", d.PromisesLate, 0}, {"mail.digest.promises_soon", d.PromisesSoon, 0},
		{"mail.digest.awaiting", d.Awaiting, d.AwaitingLate}, {"mail.digest.refer", d.Refer, 0},
		{"mail.digest.check", d.Check, 0}, {"mail.digest.reviews", d.Reviews, 0},
	})
}

// line is one number with its noun; late is how many of them are late.
type line struct {
	key     string
	n, late int
}

func staffText(l *locale.Locale, base, lead string, lines []line) string {
	base = strings.TrimRight(base, "/")
	var list strings.Builder
	for _, line := range lines {
		if line.n == 0 {
			continue
		}
		list.WriteString("- " + l.T(line.key, "n", line.n))
		if line.late > 0 {
			list.WriteString(" " + l.T("mail.digest.of_these_late", "n", line.late))
		}
		list.WriteString("\n")
	}
	in := "?lang=" + l.Tag()
	var b body
	b.add(l.T(lead))
	b.add(strings.TrimRight(list.String(), "\n"))
	b.add(l.T("mail.staff.desk") + "\n" + base + "/desk" + in)
	b.add(l.T("mail.staff.stop") + "\n" + base + "/account" + in)
	return b.String()
}

// body is paragraphs of plain text.
type body struct{ strings.Builder }

func (b *body) add(paragraph string) {
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	b.WriteString(paragraph + "\n")
}
