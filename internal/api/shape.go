package api

import (
	"time"

	"samleng/act"
	"samleng/civic"
)

// Names is what something is called, by language, and what is said about it.
type Names struct {
	Name  map[string]string            `json:"name,omitempty"`
	About map[string]string            `json:"about,omitempty"`
	Terms map[string]map[string]string `json:"terms,omitempty" doc:"The words of codes, such as themes"`
}

// By says who did something, as far as that is public.
type By struct {
	As           string `json:"as" enum:"participant,system,organisation,staff"`
	Organisation string `json:"organisation,omitempty"`
	Role         string `json:"role,omitempty"`
	Staff        string `json:"staff,omitempty" doc:"A random id"`
}

// Clock is a step that somebody has to take in time.
type Clock struct {
	Step    string    `json:"step"`
	Start   time.Time `json:"start"`
	Due     time.Time `json:"due" doc:"It is overdue from this moment on: the end of a working day"`
	LastDay string    `json:"last_day" doc:"The last day in time, in the programme's time zone"`
	Overdue bool      `json:"overdue"`
}

// Dialogue is one dialogue and where it stands.
type Dialogue struct {
	ID         string        `json:"id"`
	Slug       string        `json:"slug"`
	Names      Names         `json:"names"`
	Level      string        `json:"level"`
	Place      string        `json:"place,omitempty"`
	PlaceLevel int           `json:"place_level" doc:"The finest level of place that a view may name"`
	Door       string        `json:"door" enum:"open,card,invitation"`
	Limit      int           `json:"limit" doc:"The most characters (grapheme clusters) of a view"`
	Changes    int           `json:"changes" doc:"How often one vote may be changed"`
	Opens      string        `json:"opens" doc:"The planned first day"`
	Closes     string        `json:"closes" doc:"The planned last day"`
	Stage      string        `json:"stage" enum:"announced,open,closed"`
	OpenedAt   *time.Time    `json:"opened_at,omitempty"`
	ClosedAt   *time.Time    `json:"closed_at,omitempty"`
	Public     bool          `json:"public" doc:"Its source had published who voted what"`
	Host       string        `json:"host"`
	Published  int           `json:"published" doc:"Views whose words are public"`
	Balance    civic.Balance `json:"balance"`
}

// Statement is one view and what became of it.
type Statement struct {
	ID          string   `json:"id"`
	Code        string   `json:"code" doc:"The receipt's code, to be read aloud"`
	Dialogue    string   `json:"dialogue" doc:"The dialogue's slug"`
	At          string   `json:"at" doc:"The hour of registration"`
	By          By       `json:"by"`
	Channel     string   `json:"channel"`
	Written     string   `json:"written"`
	Spoken      string   `json:"spoken,omitempty"`
	ReadBack    string   `json:"read_back,omitempty"`
	Place       string   `json:"place,omitempty"`
	Themes      []string `json:"themes"`
	Visibility  string   `json:"visibility" enum:"open,unattributed,sealed"`
	Disposition string   `json:"disposition" doc:"The one part of the balance in which it counts"`
	Moderation  string   `json:"moderation" enum:"awaiting_moderation,published,redacted,matched,withheld,sealed"`
	Reason      string   `json:"reason,omitempty" doc:"Why it is withheld"`
	Same        string   `json:"same,omitempty" doc:"The view that it is the same as"`
	Clock       *Clock   `json:"clock,omitempty"`
	Text        *string  `json:"text,omitempty" doc:"Its words, where they may be read"`
	Parts       []Part   `json:"parts,omitempty" doc:"Its words with the gaps of a redacted view"`

	words act.ID // whose section "text" has the words that are public
}

// Part is a piece of the words of a redacted view, or a gap with its reason.
type Part struct {
	Text string `json:"text,omitempty"`
	Gap  string `json:"gap,omitempty"`
}

// Tally is the votes on one view as last released. Null is too few to show.
type Tally struct {
	AsAt     int64 `json:"as_at" doc:"The position whose figures these are"`
	Agree    *int  `json:"agree"`
	Disagree *int  `json:"disagree"`
	Pass     *int  `json:"pass"`
}

// Event is one act in the life of a view.
type Event struct {
	Act         string     `json:"act"`
	Position    int64      `json:"position" doc:"Its place in the log, from 0"`
	Kind        string     `json:"kind"`
	At          time.Time  `json:"at"`
	By          By         `json:"by"`
	Due         *time.Time `json:"due,omitempty" doc:"When the step that it ended was due"`
	Facts       any        `json:"facts"`
	Explanation *string    `json:"explanation,omitempty" doc:"The reasons that were given"`
}

// Translation is the words of a view in another language.
type Translation struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

// Appeal is a holder's appeal against withholding.
type Appeal struct {
	Act     string    `json:"act"`
	At      time.Time `json:"at"`
	Clock   *Clock    `json:"clock,omitempty"`
	Outcome string    `json:"outcome,omitempty" enum:"upheld,overturned"`
}

// Thread is a view with every step of its way.
type Thread struct {
	Statement
	Detail          *string       `json:"detail,omitempty" doc:"The longer text"`
	Tally           *Tally        `json:"tally,omitempty"`
	Translations    []Translation `json:"translations,omitempty"`
	Correction      string        `json:"correction,omitempty" doc:"The act of a new wording that nobody has decided on"`
	CorrectionClock *Clock        `json:"correction_clock,omitempty"`
	Appeal          *Appeal       `json:"appeal,omitempty"`
	Events          []Event       `json:"events" doc:"The acts about the view itself; those of a case stand with it"`
	Needs           []Need        `json:"needs" doc:"The needs that it was gathered into"`
	Cases           []Case        `json:"cases" doc:"The authorities' cases that it is in"`
	Answers         []Answer      `json:"answers" doc:"The answers that stand"`
	Commitments     []Commitment  `json:"commitments" doc:"What was promised about its needs"`

	detail bool
	speech []speech
}

// speech is a translation before its words were read.
type speech struct {
	language string
	act      act.ID
}

func namesOf(n act.Names) Names { return Names{n.Name, n.About, n.Terms} }

func byOf(by act.By) By {
	switch by.As {
	case act.ByParticipant:
		return By{As: "participant"}
	case act.BySystem:
		return By{As: "system"}
	case act.ByOrganisation:
		return By{As: "organisation", Organisation: by.Organisation.String()}
	}
	return By{As: "staff", Organisation: by.Organisation.String(), Role: string(by.Role), Staff: by.Staff.String()}
}

func clockOf(c civic.Clock, now time.Time) *Clock {
	if !c.Running() {
		return nil
	}
	return &Clock{string(c.Step), c.Start.UTC(), c.Due.UTC(), c.LastDay().Format(time.DateOnly), c.Overdue(now)}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func idOf(id act.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// dialogueOf copies a dialogue out of the state.
func dialogueOf(s *civic.State, d *civic.Dialogue, now time.Time) Dialogue {
	return Dialogue{
		ID: d.ID.String(), Slug: d.Slug, Names: namesOf(s.Names(d.ID)), Level: d.Level, Place: d.Place,
		PlaceLevel: d.PlaceLevel, Door: d.Door, Limit: d.Limit, Changes: d.Changes, Opens: d.Opens, Closes: d.Closes,
		Stage: string(d.Stage()), OpenedAt: moment(d.Opened), ClosedAt: moment(d.Closed), Public: d.Public,
		Host: d.Host.String(), Published: d.PublicStatements, Balance: s.Balance(civic.Filter{Dialogue: d.ID}, now),
	}
}

// statementOf copies a view out of the state, without its words.
func statementOf(s *civic.State, v *civic.Statement, now time.Time) Statement {
	standing, clock := v.Standing(now)
	shown := Statement{
		ID: v.ID.String(), Code: string(s.Code(v.ID)), At: v.At.UTC().Format(time.RFC3339), By: byOf(v.By),
		Channel: v.Channel, Written: v.Written, Spoken: v.Spoken, ReadBack: v.ReadBack, Place: v.Place,
		Themes: append([]string{}, v.Themes...), Visibility: v.Visibility, Disposition: string(standing),
		Moderation: string(v.Moderation), Reason: v.Reason, Same: idOf(v.Same), Clock: clockOf(clock, now),
	}
	if d := s.Dialogue(v.Dialogue); d != nil {
		shown.Dialogue = d.Slug
	}
	if v.Shown() {
		shown.words = v.Text
	}
	return shown
}

// threadOf copies a view and its acts out of the state, without words and
// places in the log.
func threadOf(s *civic.State, v *civic.Statement, now time.Time) Thread {
	t := Thread{
		Statement: statementOf(s, v, now), Correction: idOf(v.Correction),
		CorrectionClock: clockOf(v.CorrectionClock, now), detail: true,
	}
	for _, language := range sortedKeys(v.Translations) {
		t.speech = append(t.speech, speech{language, v.Translations[language]})
	}
	if v.Appeal != nil {
		t.Appeal = &Appeal{v.Appeal.Act.String(), v.Appeal.At.UTC(), clockOf(v.Appeal.Clock, now), v.Appeal.Outcome}
	}
	t.Events, t.Needs, t.Commitments = eventsOf(v.Events), []Need{}, []Commitment{}
	t.Cases, t.Answers = casesOf(s, v.Referrals(), now)
	seen := map[act.ID]bool{}
	for _, n := range v.Needs() {
		t.Needs = append(t.Needs, needOf(s, n))
		for _, c := range n.Commitments() {
			if !seen[c.ID] {
				seen[c.ID] = true
				t.Commitments = append(t.Commitments, commitmentOf(s, c, now))
			}
		}
	}
	return t
}
