package config

import "strings"

// parseAttrPath splits a Nix attribute path: dots split, double quotes group. Problem says what is wrong with it.
func parseAttrPath(s string) (path []string, problem string) {
	for rest := s; ; {
		name, after, problem := cutName(rest)
		if problem != "" {
			return nil, problem
		}
		path = append(path, name)
		if after == "" {
			return path, ""
		}
		rest = after[1:]
	}
}

// cutName takes the first name off an attribute path; after is empty or starts with the dot.
func cutName(s string) (name, after, problem string) {
	if !strings.HasPrefix(s, `"`) {
		name, after = s, ""
		if dot := strings.IndexByte(s, '.'); dot >= 0 {
			name, after = s[:dot], s[dot:]
		}
		switch {
		case name == "":
			return "", "", "has an empty name before, between or after dots"
		case strings.ContainsAny(name, "\"${}()[]; \t\r\n"):
			return "", "", "has a name that needs double quotes: " + name
		}
		return name, after, ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '$' && strings.HasPrefix(s[i:], "${"):
			return "", "", "has a `${`: names are fixed here"
		case c == '"':
			if after = s[i+1:]; after != "" && after[0] != '.' {
				return "", "", "has text right after a closing quote"
			}
			return b.String(), after, ""
		default:
			b.WriteByte(c)
		}
	}
	return "", "", "has a quote that is never closed"
}
