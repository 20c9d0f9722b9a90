package main

import (
	"fmt"
	"runtime/debug"

	"samleng/act"
	"samleng/civic"
)

type versionCommand struct{}

// Run prints what this program is.
func (versionCommand) Run() error {
	version := "unreleased"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			version = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				version += " " + setting.Value
			}
		}
	}
	fmt.Printf("samleng %s (acts version %d, rules version %d)\n", version, act.Version, civic.RulesVersion)
	return nil
}
