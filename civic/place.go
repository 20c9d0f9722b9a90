package civic

import (
	"slices"
	"strings"

	"samleng/act"
)

// Place is a place by its official code.
type Place struct {
	ID act.ID
	act.PlaceRegistered
}

type placeBook struct {
	byCode map[string]*Place
	order  []*Place // by code
}

// Places lists the places of a level (0 for all), by code.
func (s *State) Places(level int) []*Place {
	var places []*Place
	for _, place := range s.places.order {
		if level == 0 || place.Level == level {
			places = append(places, place)
		}
	}
	return places
}

// Place finds a place by its code, nil if there is none.
func (s *State) Place(code string) *Place { return s.places.byCode[code] }

// Within reports whether the place of code is outer or lies in it. An empty
// outer holds everything.
func (s *State) Within(code, outer string) bool {
	if outer == "" {
		return true
	}
	for depth := 0; code != "" && depth < 5; depth++ {
		if code == outer {
			return true
		}
		place := s.places.byCode[code]
		if place == nil {
			return false
		}
		code = place.Parent
	}
	return false
}

var placeRules = map[act.Kind]rule{
	act.KindPlaceRegistered: {
		roles: []act.Role{act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			if err := aboutProgramme(s, h); err != nil {
				return err
			}
			facts := h.Facts.(*act.PlaceRegistered)
			if s.places.byCode[facts.Code] != nil {
				return refuse(RefusedExists)
			}
			if parent := s.places.byCode[facts.Parent]; facts.Parent != "" && (parent == nil || parent.Level >= facts.Level) {
				return refuse(RefusedPlace)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			if err := s.keepNames(a.ID, a); err != nil {
				return err
			}
			place := &Place{ID: a.ID, PlaceRegistered: *a.Facts.(*act.PlaceRegistered)}
			s.places.byCode[place.Code] = place
			at, _ := slices.BinarySearchFunc(s.places.order, place, func(a, b *Place) int { return strings.Compare(a.Code, b.Code) })
			s.places.order = slices.Insert(s.places.order, at, place)
			return nil
		},
		keys: writesSettings,
	},
}
