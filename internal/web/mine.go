package web

import (
	"net/http"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// mineView is what was done on this device: the dialogues in which somebody
// reacted to views, and the views they put forward. The secrets are not here:
// they are on the receipts.
type mineView struct {
	Known     bool
	Dialogues []mineDialogue
}

type mineDialogue struct {
	dialogueLine
	Reactions int
	Own       []viewLine
}

func (s *Server) mine(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	s.wait(r)
	var data mineView
	tokens := s.tokensOf(r)
	if s.register != nil && len(tokens) > 0 {
		data.Known = true
		s.read.View(func(state *civic.State) {
			for _, d := range state.Dialogues() {
				line := mineDialogue{dialogueLine: dialogueLineOf(state, d)}
				for _, token := range tokens {
					line.add(state, d.ID, s.register.Participant(token, d.ID), v)
				}
				if line.Reactions+len(line.Own) > 0 {
					data.Dialogues = append(data.Dialogues, line)
				}
			}
		})
		for i := range data.Dialogues {
			if err := s.readWords(v, data.Dialogues[i].Own); err != nil {
				return err
			}
		}
	}
	return s.show(w, v, page{Name: "mine", Title: v.T("web.mine.title"), Nav: "receipt", Data: data})
}

func (m *mineDialogue) add(state *civic.State, dialogue act.ID, who act.Pseudonym, v *visit) {
	done, _ := state.Progress(dialogue, who)
	m.Reactions += done
	for _, view := range state.Own(dialogue, who) {
		m.Own = append(m.Own, lineOf(state, view, v.now))
	}
}

// tokensOf gives what the device's user is known by: the cookie's token, and
// the card's.
func (s *Server) tokensOf(r *http.Request) []string {
	var tokens []string
	if cookie, err := r.Cookie(personCookie); err == nil {
		if _, err := register.ParseToken(cookie.Value); err == nil {
			tokens = append(tokens, cookie.Value)
		}
	}
	if cookie, err := r.Cookie(cardCookie); err == nil && len(cookie.Value) < maxSecret {
		tokens = append(tokens, "card "+cookie.Value)
	}
	return tokens
}
