package web

import (
	"net/http"
	"time"

	"samleng/act"
	"samleng/civic"
)

// deskDialogueView is a dialogue before those who run it: how people react now,
// before it is released, and the steps of its life.
type deskDialogueView struct {
	Bar deskBar
	dialogueLine
	Host     act.Names
	Door     string
	Limit    int
	MayOpen  bool
	MayClose bool
	// MayComplete says that the dialogue is closed and not yet completed: whether
	// its needs are met is told when it is tried.
	MayComplete bool
	Live        bool // the figures are for whoever looks
	Ballots     int64
	People      int
	Rows        []liveRow
	Token       string
	Problem     *problemView
	At          time.Time
	Position    int64
}

// liveRow is how people react to a view now.
type liveRow struct {
	viewLine
	Agree, Disagree, Pass int
}

// mayWatch says who sees figures before they are released: whoever runs the
// dialogue for an organisation that is no public authority. An authority that
// saw one vote come in would know whose it was.
func (m *member) mayWatch(d *civic.Dialogue) bool {
	return !m.Authority && m.Organisation == d.Host &&
		m.Is(act.RoleFacilitator, act.RoleModerator, act.RoleRapporteur, act.RoleAdministrator)
}

func (s *Server) deskDialogue(w http.ResponseWriter, v *visit, m *member) error {
	data, err := s.deskDialogueOf(v, m)
	if err != nil {
		return err
	}
	return s.show(w, v, deskPage("desk-dialogue", inLanguage(data.Names.Name, v.L.Tag()), data))
}

func (s *Server) deskDialogueOf(v *visit, m *member) (*deskDialogueView, error) {
	id, err := s.dialogueID(v)
	if err != nil {
		return nil, err
	}
	data := &deskDialogueView{Bar: m.bar("dialogues"), At: v.now}
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(id)
		data.dialogueLine, data.Position = dialogueLineOf(state, d), state.Position()
		data.Host, data.Door, data.Limit = state.Names(d.Host), d.Door, d.Limit
		data.MayOpen = m.may(state, v, id, &act.DialogueOpened{}, hostRoles...) == nil
		data.MayClose = m.may(state, v, id, &act.DialogueClosed{}, hostRoles...) == nil
		data.MayComplete = d.Stage() == civic.Closed && d.Host == m.Organisation && m.Is(hostRoles...)
		if data.Live = m.mayWatch(d); !data.Live {
			return
		}
		data.Ballots, data.People = state.Ballots(id), state.Participants(id)
		for _, view := range d.Statements() {
			if view.Votable() {
				t := state.Tally(view.ID)
				data.Rows = append(data.Rows, liveRow{lineOf(state, view, v.now), t.Agree, t.Disagree, t.Pass})
			}
		}
	})
	lines := make([]viewLine, len(data.Rows))
	for i := range data.Rows {
		lines[i] = data.Rows[i].viewLine
	}
	if err := s.readWords(v, lines); err != nil {
		return nil, err
	}
	for i := range data.Rows {
		data.Rows[i].viewLine = lines[i]
	}
	return data, nil
}

func (s *Server) dialogueAct(w http.ResponseWriter, v *visit, m *member) error {
	facts, known := map[string]act.Facts{"open": &act.DialogueOpened{}, "close": &act.DialogueClosed{}, "complete": &act.DialogueCompleted{}}[v.r.PathValue("act")]
	if !known {
		return errNoAct
	}
	id, err := s.dialogueID(v)
	if err != nil {
		return err
	}
	form, err := readForm(v.r, 1024)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	who, err := m.actor(hostRoles...)
	if err == nil {
		err = confirmed(form)
	}
	if err == nil {
		receipt, refused := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: facts}, token)
		if refused == nil {
			return s.seeOther(w, v.r, "/desk/d/"+v.r.PathValue("slug"), receipt.Position)
		}
		err = refused
	}
	data, failed := s.deskDialogueOf(v, m)
	if failed != nil {
		return failed
	}
	data.Problem = viewOf(v.L, problemOf(err))
	return s.again(w, v, err, deskPage("desk-dialogue", inLanguage(data.Names.Name, v.L.Tag()), data))
}
