// Command samleng serves, checks and carries the register of views put forward
// at dialogues.
package main

import "fmt"

func main() {
	fmt.Println("samleng")
}
