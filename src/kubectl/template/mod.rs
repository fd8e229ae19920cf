//! Go templates (`text/template`), with the functions that kubectl adds.

mod format;
mod functions;
mod lexer;
mod parser;
mod run;

use crate::base::Value;
use parser::Parsed;

/// A template, ready to be used on objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// Its text.
    pub source: String,
    /// True where a key that is missing is an error.
    pub strict: bool,
    parsed: Parsed,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Go's words.
    pub fn parse(source: &str) -> Result<Self, String> {
        Ok(Self { source: source.into(), strict: false, parsed: parser::parse(source)? })
    }

    /// The text that it makes of a value.
    ///
    /// # Errors
    /// What was printed before, and Go's words.
    pub fn text(&self, value: &Value) -> Result<String, (String, String)> {
        run::run(&self.source, &self.parsed, self.strict, value)
    }
}

/// A value as Go's `%v`: `map[a:1 b:<nil>]`.
pub fn go_text(value: &Value) -> String {
    format::plain(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn object() -> Value {
        value!({
            "data": {"a": "1", "b": "x y", "big": "z"},
            "nul": (Value::Null),
            "num": 1000000,
            "l": [1, "two", {"x": "y"}],
            "b": true
        })
    }

    /// What Go's text/template printed.
    #[test]
    fn templates_print_as_go() {
        for (template, printed) in [
            ("{{.data.a}} {{.nope.x}} {{.nul}} {{.nope}}", "1 <no value> <no value> <no value>"),
            ("{{.num}} {{.l}} {{.data}} {{.b}}", "1000000 [1 two map[x:y]] map[a:1 b:x y big:z] true"),
            ("{{index .data \"zz\"}}{{index .l 2 \"x\"}}{{index .data.a 0}}", "<no value>y49"),
            (
                "{{printf \"%s|%d|%v|%5s|%-5s|%q|%t|%05d|%+d|%x\" .data.a .num .nul \"a\" \"b\" \"c\" true 42 3 255}}",
                "1|1000000|<nil>|    a|b    |\"c\"|true|00042|+3|ff",
            ),
            ("{{printf \"%d %s\" \"a\" 1}}", "%!d(string=a) %!s(int64=1)"),
            ("{{printf \"%s\"}} {{printf \"\" 1}}", "%!s(MISSING) %!(EXTRA int64=1)"),
            ("{{print 1 2 \"a\" \"b\" 3 4 1.5}}{{println 1.5 \"x\"}}", "1 2ab3 4 1.51.5 x\n"),
            ("{{range $k, $v := .data}}{{$k}}={{$v}};{{end}}", "a=1;b=x y;big=z;"),
            ("{{range $i, $e := .l}}{{$i}}:{{$e}} {{else}}none{{end}}", "0:1 1:two 2:map[x:y] "),
            ("{{range .nope}}x{{else}}none{{end}}", "none"),
            ("{{range .l}}{{if eq (print .) \"two\"}}{{continue}}{{end}}{{.}}{{break}}{{end}}", "1"),
            ("{{/* c */}}x{{- \" y\" -}}  z", "x yz"),
            ("{{.data.a | len}}{{`a`|printf \"%s-%s\" `b`}}", "1b-a"),
            ("{{not .nul}} {{and .b .data.a}} {{or .nul \"d\"}}", "true 1 d"),
            ("{{html \"<a>\"}} {{urlquery \"a b&\"}} {{slice \"abcdef\" 1 3}}", "&lt;a&gt; a+b%26 bc"),
            ("{{exists .data \"a\"}} {{exists .data \"q\" \"r\"}} {{base64decode \"YQ==\"}}", "true false a"),
            ("{{if eq 1 2}}y{{else if 2}}n{{else}}m{{end}}", "n"),
            ("{{define \"x\"}}q{{.}}{{end}}{{template \"x\" 1}}{{block \"y\" .b}}{{.}}{{end}}", "q1true"),
            ("{{1.5e3}} {{0x10}} {{1_000}} {{'a'}}", "1500 16 1000 97"),
            ("{{$x := 5}}{{$x = 6}}{{$x}}{{$.data.a}}", "61"),
            ("{{(index .l 2).x}}{{with .data}}{{.a}}{{else}}no{{end}}", "y1"),
            ("{{eq .data.a \"1\" \"2\"}} {{lt 1 2}} {{ge \"b\" \"a\"}} {{ne .num 3}}", "true true true true"),
        ] {
            assert_eq!(Template::parse(template).unwrap().text(&object()).unwrap(), printed, "{template}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_gos_words() {
        for (template, why) in [
            ("{{foo}}", "function \"foo\" not defined"),
            ("{{.a", "unclosed action"),
            ("{{if}}", "missing value for if"),
            ("{{end}}", "unexpected {{end}}"),
            ("{{if .a}}", "unexpected EOF"),
            ("{{$y}}", "undefined variable \"$y\""),
            ("{{break}}", "{{break}} outside {{range}}"),
            ("{{ }}", "missing value for command"),
            ("{{\"a}}", "unterminated quoted string"),
            ("{{.x-y}}", "bad character U+002D '-'"),
            ("{{if .b}}a{{end}}{{else}}", "unexpected {{else}}"),
            ("{{range .l}}{{else}}{{else}}{{end}}", "expected end; found {{else}}"),
            ("{{@}}", "unexpected \"@\" in command"),
            ("{{()}}", "missing value for parenthesized pipeline"),
            ("{{print (1}}", "unclosed left paren"),
        ] {
            assert_eq!(Template::parse(template), Err(format!("template: output:1: {why}")), "{template}");
        }
    }

    #[test]
    fn what_goes_wrong_says_where() {
        for (template, why) in [
            ("{{.nul.x}}", "1:6: executing \"output\" at <.nul.x>: nil pointer evaluating interface {}.x"),
            (
                "{{.data.a.x}}",
                "1:7: executing \"output\" at <.data.a.x>: can't evaluate field x in type interface {}",
            ),
            (
                "{{index .l 7}}",
                "1:2: executing \"output\" at <index .l 7>: error calling index: index out of range: 7",
            ),
            (
                "{{index .nul 1}}",
                "1:2: executing \"output\" at <index .nul 1>: error calling index: index of untyped nil",
            ),
            (
                "{{eq .data .data}}",
                "1:2: executing \"output\" at <eq .data .data>: error calling eq: non-comparable type map[a:1 b:x y big:z]: map[string]interface {}",
            ),
            (
                "{{lt .num 3.0}}",
                "1:2: executing \"output\" at <lt .num 3.0>: error calling lt: incompatible types for comparison",
            ),
            (
                "{{range .data.a}}x{{end}}",
                "1:13: executing \"output\" at <.data.a>: range can't iterate over 1",
            ),
            (
                "{{\"a\" \"b\"}}",
                "1:2: executing \"output\" at <\"a\">: can't give argument to non-function \"a\"",
            ),
            (
                "{{1 | .data.a}}",
                "1:11: executing \"output\" at <.data.a>: a is not a method but has arguments",
            ),
            ("{{nil}}", "1:2: executing \"output\" at <nil>: nil is not a command"),
            ("{{(index .l 0).x}}", "1:12: executing \"output\" at <0>: can't evaluate field x in type int64"),
            ("{{len 1 2}}", "1:2: executing \"output\" at <len>: wrong number of args for len: want 1 got 2"),
            ("a\n{{.nul.x}}", "2:6: executing \"output\" at <.nul.x>: nil pointer evaluating interface {}.x"),
            (
                "{{base64decode \"%\"}}",
                "1:2: executing \"output\" at <base64decode \"%\">: error calling base64decode: base64 decode failed: illegal base64 data at input byte 0",
            ),
        ] {
            let (_, found) = Template::parse(template).unwrap().text(&object()).unwrap_err();
            assert_eq!(found, format!("template: output:{why}"), "{template}");
        }
    }
}
