package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// View is a view to put forward.
type View struct {
	Text       string   `json:"text" doc:"The words, kept byte for byte"`
	Detail     string   `json:"detail,omitempty" doc:"A longer text"`
	Written    string   `json:"written,omitempty" doc:"The code of the language it is written in (ISO 639-3)" example:"khm"`
	Spoken     string   `json:"spoken,omitempty" doc:"The code of the language it was said in, where that is another"`
	Place      string   `json:"place,omitempty" doc:"The code of a place, no finer than the dialogue's place_level"`
	Themes     []string `json:"themes,omitempty" maxItems:"3" doc:"Codes of the programme's themes"`
	Visibility string   `json:"visibility,omitempty" enum:"open,unattributed,sealed" doc:"Who may see it; open if missing"`
	Token      string   `json:"token,omitempty" doc:"The idempotency key, for clients that cannot send the header"`
	// Participant stands in the body for clients that cannot send the header.
	Participant string `json:"participant,omitempty" doc:"The participant's token, for clients that cannot send the header"`
}

// Ballot is votes to cast together, as one act.
type Ballot struct {
	Votes       []Vote `json:"votes" minItems:"1" maxItems:"1000"`
	Token       string `json:"token,omitempty" doc:"An idempotency key. Without one, a vote that stands already is answered with its receipt"`
	Participant string `json:"participant,omitempty" doc:"The participant's token, for clients that cannot send the header"`
}

// Vote is a reaction to one view.
type Vote struct {
	Statement string `json:"statement" doc:"The view's id"`
	Vote      string `json:"vote" enum:"agree,disagree,pass"`
}

// NextQuery asks which view to react to next.
type NextQuery struct {
	Skip        []string `json:"skip,omitempty" maxItems:"200" doc:"Ids of views not to choose"`
	Participant string   `json:"participant,omitempty" doc:"The participant's token, for clients that cannot send the header"`
}

// Next is the view to react to next, and how far somebody is.
type Next struct {
	Statement *Statement `json:"statement" doc:"Null when all were seen"`
	Done      int        `json:"done" doc:"Views that were reacted to"`
	All       int        `json:"all" doc:"Views that can be reacted to"`
}

// ViewReceipt is what whoever put a view forward gets.
type ViewReceipt struct {
	Act      string    `json:"act" doc:"The view's id"`
	Code     string    `json:"code" doc:"To be read aloud; opens the public thread"`
	Secret   string    `json:"secret" doc:"Opens, with the code, what is the holder's. Shown here only: keep it"`
	Position int64     `json:"position" doc:"Its place in the log, from 0"`
	At       time.Time `json:"at"`
	Replayed bool      `json:"replayed" doc:"It had been registered with this key before"`
	Receipt  string    `json:"receipt" doc:"The address of the receipt as a file"`
}

// BallotReceipt is what whoever voted gets. It proves that the ballot is in the
// log, not what was voted.
type BallotReceipt struct {
	Act       string    `json:"act"`
	Position  int64     `json:"position" doc:"Its place in the log, from 0"`
	At        time.Time `json:"at"`
	Unchanged bool      `json:"unchanged" doc:"The votes stood already: this is the receipt of the act that cast them"`
	Replayed  bool      `json:"replayed"`
	Receipt   string    `json:"receipt" doc:"The address of the receipt as a file"`
}

type (
	viewIn struct {
		SlugPath
		JSONBody
		Authorization  string `header:"Authorization" doc:"Participant TOKEN. Without one the view stands alone, and is linked to no other"`
		IdempotencyKey string `header:"Idempotency-Key" doc:"26 characters of Crockford's base 32, drawn at random and kept secret"`
	}
	viewOut struct {
		Position string `header:"Samleng-Position"`
		Location string `header:"Location"`
		Body     ViewReceipt
	}
	ballotIn struct {
		SlugPath
		JSONBody
		Authorization  string `header:"Authorization" doc:"Participant TOKEN"`
		IdempotencyKey string `header:"Idempotency-Key"`
	}
	ballotOut struct {
		Position string `header:"Samleng-Position"`
		Body     BallotReceipt
	}
	nextIn struct {
		SlugPath
		JSONBody
		Authorization string `header:"Authorization" doc:"Participant TOKEN"`
	}
	nextOut struct{ Body Next }
)

// posting is an operation with a body of the form B, decoded by the handler.
func posting[B any](a *API, id, path, summary string, limit int64) huma.Operation {
	op := operation(id, http.MethodPost, path, summary)
	op.MaxBodyBytes = limit
	op.SkipValidateBody = true
	op.Errors = []int{403, 404, 409, 410, 413, 422, 429, 503}
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[B](), true, id+"-request")
	a.huma.OpenAPI().OnAddOperation = append(a.huma.OpenAPI().OnAddOperation, func(_ *huma.OpenAPI, added *huma.Operation) {
		if added.OperationID == id {
			added.RequestBody.Content["application/json"].Schema = schema
		}
	})
	return op
}

func (a *API) writeRoutes() {
	view := posting[View](a, "post-statement", "/dialogues/{slug}/statements", "Put a view forward", maxViewBody)
	view.DefaultStatus = http.StatusCreated
	huma.Register(a.huma, view, a.postView)
	huma.Register(a.huma, posting[Ballot](a, "post-ballot", "/dialogues/{slug}/ballots", "Cast one vote or many", maxBallotBody), a.postBallot)
	huma.Register(a.huma, posting[NextQuery](a, "next-statement", "/dialogues/{slug}/next", "Which view to react to next", maxSmallBody), a.next)
}

// takingPart gives the dialogue and who its participant is. Cards and
// invitations are not shown here, so those doors stay shut.
func (a *API) takingPart(slug, token string) (act.ID, civic.Actor, error) {
	var dialogue act.ID
	var door string
	if err := a.inDialogue(slug, func(_ *civic.State, d *civic.Dialogue) { dialogue, door = d.ID, d.Door }); err != nil {
		return dialogue, civic.Actor{}, err
	}
	if door != "open" {
		return dialogue, civic.Actor{}, &civic.Refusal{Key: civic.RefusedDoor}
	}
	return dialogue, civic.Actor{By: act.Participant, Participant: a.register.Participant(token, dialogue)}, nil
}

func (a *API) postView(ctx context.Context, in *viewIn) (*viewOut, error) {
	var view View
	if err := in.decode(&view); err != nil {
		return nil, err
	}
	key, err := keyOf(in.IdempotencyKey, view.Token)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, problem.New(problem.Invalid, "problem.required").In("Idempotency-Key")
	}
	// Nobody else draws this key, so what is made of it is nobody else; and it
	// is the same when the request comes again.
	participant := "one view " + key.String()
	if in.Authorization != "" || view.Participant != "" {
		if participant, err = participantOf(in.Authorization, view.Participant); err != nil {
			return nil, err
		}
	}
	dialogue, who, err := a.takingPart(in.Slug, participant)
	if err != nil {
		return nil, err
	}
	draft, err := view.draft(dialogue, who)
	if err != nil {
		return nil, err
	}
	receipt, err := a.submit(ctx, who, draft, key)
	if err != nil {
		return nil, err
	}
	return &viewOut{
		Position: position(receipt.Position + 1), Location: Prefix + "/statements/" + string(receipt.Code),
		Body: ViewReceipt{
			Act: receipt.Act.String(), Code: string(receipt.Code), Secret: receipt.Secret, Position: receipt.Position,
			At: receipt.At.UTC(), Replayed: receipt.Replayed, Receipt: receiptLink(receipt.Act),
		},
	}, nil
}

func (v *View) draft(dialogue act.ID, who civic.Actor) (act.Draft, error) {
	wrong := []*problem.Error{checkProse("text", v.Text)}
	content := map[string]any{"text": &act.Text{Text: v.Text}, "source": &act.Source{Participant: &who.Participant}}
	if v.Detail != "" {
		wrong = append(wrong, checkProse("detail", v.Detail))
		content["detail"] = &act.Text{Text: v.Detail}
	}
	if len(v.Themes) > act.MostThemes {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.choose_most", "n", act.MostThemes).In("themes"))
	}
	facts := &act.StatementRegistered{
		Channel: "api", Written: v.Written, Spoken: v.Spoken, Place: v.Place, Themes: v.Themes, Visibility: v.Visibility,
	}
	if facts.Written == "" {
		facts.Written = "und"
	}
	if facts.Visibility == "" {
		facts.Visibility = act.VisibilityOpen
	}
	return act.Draft{By: who.By, Of: dialogue, Facts: facts, Content: content}, problem.Join(wrong...)
}

func (a *API) postBallot(ctx context.Context, in *ballotIn) (*ballotOut, error) {
	var sent Ballot
	if err := in.decode(&sent); err != nil {
		return nil, err
	}
	key, err := keyOf(in.IdempotencyKey, sent.Token)
	if err != nil {
		return nil, err
	}
	participant, err := participantOf(in.Authorization, sent.Participant)
	if err != nil {
		return nil, err
	}
	dialogue, who, err := a.takingPart(in.Slug, participant)
	if err != nil {
		return nil, err
	}
	ballot := &act.Ballot{Participant: who.Participant}
	if ballot.Votes, err = votesOf(sent.Votes); err != nil {
		return nil, err
	}
	draft := act.Draft{By: who.By, Of: dialogue, Facts: &act.BallotCast{}, Content: map[string]any{"ballot": ballot}}
	receipt, err := a.submit(ctx, who, draft, key)
	if err != nil {
		return nil, err
	}
	return &ballotOut{Position: position(receipt.Position + 1), Body: BallotReceipt{
		Act: receipt.Act.String(), Position: receipt.Position, At: receipt.At.UTC(), Unchanged: receipt.Unchanged,
		Replayed: receipt.Replayed, Receipt: receiptLink(receipt.Act),
	}}, nil
}

func votesOf(sent []Vote) ([]act.StatementVote, error) {
	switch {
	case len(sent) == 0:
		return nil, problem.New(problem.Invalid, "problem.required").In("votes")
	case len(sent) > act.MostVotes:
		return nil, problem.New(problem.Invalid, "problem.choose_most", "n", act.MostVotes).In("votes")
	}
	votes := make([]act.StatementVote, len(sent))
	for i, vote := range sent {
		id, err := act.ParseID(vote.Statement)
		if err != nil {
			return nil, problem.Wrap(err, problem.Invalid, civic.RefusedStatement).In("votes.statement")
		}
		parsed, err := act.ParseVote(vote.Vote)
		if err != nil {
			return nil, problem.Wrap(err, problem.Invalid, "problem.choice_unknown").In("votes.vote")
		}
		votes[i] = act.StatementVote{Statement: id, Vote: parsed}
	}
	return votes, nil
}

func (a *API) next(ctx context.Context, in *nextIn) (*nextOut, error) {
	var query NextQuery
	if err := in.decode(&query); err != nil {
		return nil, err
	}
	token, err := participantOf(in.Authorization, query.Participant)
	if err != nil {
		return nil, err
	}
	dialogue, who, err := a.takingPart(in.Slug, token)
	if err != nil {
		return nil, err
	}
	if len(query.Skip) > 200 {
		return nil, problem.New(problem.Invalid, "problem.choose_most", "n", 200).In("skip")
	}
	skip := make([]act.ID, len(query.Skip))
	for i, text := range query.Skip {
		if skip[i], err = act.ParseID(text); err != nil {
			return nil, problem.Wrap(err, problem.Invalid, civic.RefusedStatement).In("skip")
		}
	}
	out := &nextOut{}
	a.reader.View(func(s *civic.State) {
		out.Body.Done, out.Body.All = s.Progress(dialogue, who.Participant)
		if v := s.Next(dialogue, who.Participant, skip...); v != nil {
			shown := statementOf(s, v, a.now())
			out.Body.Statement = &shown
		}
	})
	if out.Body.Statement == nil {
		return out, nil
	}
	return out, a.fill(ctx, civic.Actor{}, out.Body.Statement)
}
