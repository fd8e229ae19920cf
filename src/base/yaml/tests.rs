//! What the recorded cases do not reach: each line here was checked against the real go-yaml and apimachinery.

use proptest::prelude::*;

use super::*;
use crate::base::json;

/// The values of a stream as JSON, one a line, up to the first error.
fn stream(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for document in read_stream(text.as_bytes()) {
        match document {
            Ok(document) => out.push(json::to_string(&document.value)),
            Err(error) => {
                out.push(error.message.replace("error converting YAML to JSON: ", ""));
                break;
            }
        }
    }
    out.join("\n")
}

#[test]
fn values() {
    for (text, expected) in [
        (r#"a: "\'\x41\u00e9\N""#, r#"{"a":"'AéPLACE"}"#.replace("PLACE", "\u{85}")),
        ("a: 'it''s\n  two\n\n\n  lines'", r#"{"a":"it's two\n\nlines"}"#.into()),
        ("a: \"x\n  y\n\n  z\\\n  w\"", r#"{"a":"x y\nzw"}"#.into()),
        ("a: x\n  y\n\n  z # c", r#"{"a":"x y\nz"}"#.into()),
        ("a: >\n  x\n  y\n\n   z\n  w\n\n", r#"{"a":"x y\n\n z\nw\n"}"#.into()),
        ("a: |2-\n    x\n  y\n\n", r#"{"a":"  x\ny"}"#.into()),
        ("- - a\n  -\n-\n- b: c\n  d:\n  - e\n", r#"[["a",null],null,{"b":"c","d":["e"]}]"#.into()),
        ("- {a, b: , c: 1, \"d\":2}", r#"[{"a":null,"b":null,"c":1,"d":2}]"#.into()),
        ("- [a: 1, b]", r#"[[{"a":1},"b"]]"#.into()),
        ("[]: a", "[]".into()),
        ("1.0: a\n2: b\nyes: c\n0x10: d\n1e20: e", r#"{"1":"a","16":"d","1e+20":"e","2":"b","true":"c"}"#.into()),
        ("a: 1\na: 2", r#"{"a":2}"#.into()),
        ("a: &x {b: 1}\nc: {b: 2, <<: *x}", r#"{"a":{"b":1},"c":{"b":1}}"#.into()),
        ("a: &x {b: 1}\nc: {<<: [*x, {b: 3, d: 4}]}", r#"{"a":{"b":1},"c":{"b":1,"d":4}}"#.into()),
        ("a: {\"<<\": 1}", r#"{"a":{"\u003c\u003c":1}}"#.into()),
        ("a: !!float 3\nb: !!str 012\nc: !!binary aGk=\nd: !foo 12\ne: ! 12\nf: !!str", r#"{"a":3,"b":"012","c":"hi","d":"12","e":"12","f":""}"#.into()),
        ("a: -0.0\nb: 1e21\nc: 1.5\nd: 18446744073709551615", r#"{"a":0,"b":1e+21,"c":1.5,"d":18446744073709552000}"#.into()),
        ("%TAG !e! tag:e,2000:", "yaml: line 1: did not find expected <document start>".into()),
        ("~: a\n~: b\n? x\n: 1", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"b\"".into()),
        ("? \n: {a: [b, 1]}", r#"unsupported map key of type: %!s(<nil>), key: <nil>, value: map[interface {}]interface {}{"a":[]interface {}{"b", 1}}"#.into()),
        ("18446744073709551615: ~", "unsupported map key of type: uint64, key: 0xffffffffffffffff, value: <nil>".into()),
        ("a: {~: 1}\na: 2", r#"{"a":2}"#.into()),
        ("a: .inf\na: 1", r#"{"a":1}"#.into()),
        ("b: .inf\na: [.nan]", "json: unsupported value: NaN".into()),
        ("a\n...\n]", r#""a""#.into()),
        ("\u{FEFF}a: b", r#"{"a":"b"}"#.into()),
        ("a: |\r\n  x\r\n  y\r\n", r#"{"a":"x\ny\n"}"#.into()),
    ] {
        assert_eq!(stream(text), expected, "{text}");
    }
}

#[test]
fn problems() {
    for (text, expected) in [
        ("a: [http://x/?q=1]", "did not find expected ',' or ']'"),
        ("a: \"\\/\"", "found unknown escape character"),
        (
            "name: {{ .Values.x }}",
            "invalid map key: map[interface {}]interface {}{\".Values.x\":interface {}(nil)}",
        ),
        (
            "? {b: [1.5, ~], 9: c, true: d}\n: e",
            "invalid map key: map[interface {}]interface {}{true:\"d\", 9:\"c\", \"b\":[]interface {}{1.5, interface {}(nil)}}",
        ),
        ("a: &x [*x]", "anchor 'x' value contains itself"),
        ("a: {<<: 1}", "map merge requires map or sequence of maps as the value"),
        ("a: !!int x", "cannot decode !!str `x` as a !!int"),
        ("a: !!binary \"?\"", "!!binary value contains invalid base64 data"),
        ("a: !x!foo 12", "found undefined tag handle"),
        ("a: |0\n  x", "found an indentation indicator equal to 0"),
        ("a: |3\n  x", "line 1: did not find expected key"),
        ("a:\n- b\nc", "line 4: could not find expected ':'"),
        ("- a\nb: c", "line 1: did not find expected '-' indicator"),
        ("a: \"\\ud800\"", "found invalid Unicode character escape code"),
        ("a: \"\\xZZ\"", "did not find expected hexdecimal number"),
        ("- [? : a]", "did not find expected ',' or ']'"),
        ("- [?]", "line 1: did not find expected ',' or ']'"),
        ("a: 1\n\u{7}", "control characters are not allowed"),
    ] {
        assert_eq!(stream(text), format!("yaml: {expected}"), "{text}");
    }
    // A key has 1024 characters to find its colon.
    assert_eq!(stream(&format!("{}: b", "é".repeat(1024))).len(), 2048 + 8);
    assert!(
        stream(&format!("{}: b", "é".repeat(1025)))
            .ends_with("mapping values are not allowed in this context")
    );
    assert!(stream(&"[".repeat(1_000_000)).ends_with("exceeded max depth of 128"));
    assert!(stream(&"- ".repeat(1_000_000)).ends_with("exceeded max depth of 128"));
}

#[test]
fn bytes_that_are_no_text() {
    for (text, expected, column) in [
        (&b"a: \xFF\n"[..], "invalid leading UTF-8 octet", 4),
        (b"a: \xE2\n", "incomplete UTF-8 octet sequence", 4),
        (b"a: \xE2abc\n", "invalid trailing UTF-8 octet", 4),
        (b"a: \xC0\x80\n", "invalid length of a UTF-8 sequence", 4),
        (b"\xC3\xA9: \xED\xA0\x80\n", "invalid Unicode character", 4),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.message, format!("yaml: {expected}"), "{text:?}");
        assert_eq!(error.at, Mark { line: 1, column }, "{text:?}");
    }
    // What is wrong 512 bytes before a bad one is noticed first, and what follows a document is not read at all.
    let early = format!("a: ]\n#{}\n\u{7}", "x".repeat(600));
    assert_eq!(stream(&early), "yaml: did not find expected node content");
    let late = format!("a\n...\n#{}\n\u{7}", "x".repeat(600));
    assert_eq!(stream(&late), "\"a\"");
}

#[test]
fn aliases_that_pile_up() {
    let level = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","));
    let levels = |count| (1..count).map(level).fold("a0: &a0 x\n".to_owned(), |text, line| text + &line);
    assert_eq!(read(levels(4).as_bytes()).unwrap().value.get("a3").items().len(), 9);
    let error = read(levels(40).as_bytes()).unwrap_err();
    assert_eq!(error.message, "yaml: document contains excessive aliasing");
}

#[test]
fn streams() {
    for (text, expected) in [
        ("", ""),
        ("# nothing\n---\n---\n\n", ""),
        ("--- # first\na: 1\n---\t\nb: 2\n---", "{\"a\":1}\n{\"b\":2}"),
        ("a: 1\n---x\nb: 2", "invalid Yaml document separator: x"),
        ("a: 1\n---\nb: [\n---\nc: 3", "{\"a\":1}\nyaml: line 1: did not find expected node content"),
        ("{\"a\":1}\n[2] \"x\" null 3", "{\"a\":1}\n[2]\n\"x\"\n3"),
        ("{\"a\":1}\n---\nb: 2\n", "{\"a\":1}\n{\"b\":2}"),
        ("{\"a\":1}\n---", "{\"a\":1}"),
        (
            "{\"a\":1}{\"a\":2} # c",
            "{\"a\":1}\n{\"a\":2}\ninvalid character '#' looking for beginning of value",
        ),
        ("  {a: 1}", "{\"a\":1}"),
        ("{a: [}", "json: offset 2: invalid character 'a' looking for beginning of object key string"),
        ("{\"a\":", "unexpected EOF"),
    ] {
        assert_eq!(stream(text), expected, "{text}");
    }
}

#[test]
fn places() {
    let text = "# c\n---\nmetadata:\n  labels: {a.b/c: d, é: [1, {x: y}]}\nspec: &s\n- name: w\n  name: v\n---\n{\"a\": {\"b\": 2}}\n";
    let documents: Vec<Document> = read_stream(text.as_bytes()).map(|document| document.unwrap()).collect();
    let marks = &documents[0].marks;
    let span = |line, from, to| Span { start: Mark { line, column: from }, end: Mark { line, column: to } };
    let place = marks.find(&["metadata", "labels", "é", "1", "x"]).unwrap();
    assert_eq!((place.key.unwrap(), place.value), (span(4, 30, 31), span(4, 33, 34)));
    assert_eq!(marks.find_field("metadata.labels.é[1].x"), Some(place));
    let place = marks.find(&["metadata", "labels", "a.b/c"]).unwrap();
    assert_eq!((place.key.unwrap(), place.value), (span(4, 12, 17), span(4, 19, 20)));
    assert_eq!(marks.find_field("metadata.labels[a.b/c]"), Some(place));
    assert_eq!(marks.find_field("metadata.labels.a.b/c"), Some(place));
    // The second of two equal names counts; what is not there stands where it would have to be.
    assert_eq!(marks.find(&["spec", "0", "name"]).unwrap().value, span(7, 9, 10));
    assert_eq!(marks.find_field("spec[0].image"), marks.find(&["spec", "0"]));
    assert_eq!(marks.find_field("spec[7].name"), marks.find(&["spec"]));
    assert_eq!(marks.find(&["spec", "7"]), None);
    assert_eq!(marks.find(&["metadata"]).unwrap().value.end, Mark { line: 4, column: 37 });
    assert_eq!((documents[0].first_line, documents[1].first_line), (3, 9));
    assert_eq!(documents[1].marks.find(&["a", "b"]).unwrap().value, span(9, 13, 14));

    let error = read_stream(b"a: 1\n---\nb:\n  c: [d\ne: f\n").find_map(Result::err).unwrap();
    assert_eq!(
        error.message,
        "error converting YAML to JSON: yaml: line 2: did not find expected ',' or ']'"
    );
    assert_eq!(error.at, Mark { line: 5, column: 2 });
}

#[test]
fn written() {
    let text = r##"{"a10": [[1, [2]], {"x": [{}]}, []],
        "a9": {"y": "y", "n": "12:30:00", "t": "2026-11-20T22:14:30Z", "e": "", "s": " x", "c": "a: b",
            "d": "- a", "m": "<<", "q": "it's #1 #2"},
        "text": ["a\nb\n", "a\nb", "a\n\n", "\n  a", " a \nb", "tab\t", "é漢☕", "\ud83d\ude00\u0000\u0085"],
        "long": ["LONGword word end", "# LONG  end", "\tLONG  end"],
        "numbers": [1, 1.5, 3.0, 1e21, 1e20, 123456789.5, -1e-7, true, null],
        "KEY": [1], "two\nlines": {"a": 1}}"##;
    let text = text.replace("LONG", &"word ".repeat(18)).replace("KEY", &"k".repeat(129));
    let (value, _) = json::read_value(text.as_bytes(), 0).unwrap().unwrap();
    let expected = r##"a9:
  c: 'a: b'
  d: '- a'
  e: ""
  m: "<<"
  "n": "12:30:00"
  q: 'it''s #1 #2'
  s: ' x'
  t: "2026-11-20T22:14:30Z"
  "y": "y"
a10:
- - 1
  - - 2
- x:
  - {}
- []
? KEY
: - 1
long:
- word word word word word word word word word word word word word word word word
  word word word word end
- '# word word word word word word word word word word word word word word word word
  word word   end'
- "\tword word word word word word word word word word word word word word word word
  word word   end"
numbers:
- 1
- 1.5
- 3
- 1e+21
- 1e+20
- 1.234567895e+08
- -1e-07
- true
- null
text:
- |
  a
  b
- |-
  a
  b
- |+
  a

- |2-

    a
- " a \nb"
- "tab\t"
- é漢☕
- "\U0001F600\0\N"
? |-
  two
  lines
: a: 1
"##;
    assert_eq!(to_string(&value), expected.replace("KEY", &"k".repeat(129)));
    assert_eq!(read(expected.as_bytes()).unwrap().value.entries().count(), 7);
}

/// Characters that mean something to YAML, and some that do not.
const TEXT: &str = "[ \\n\\t:#\\-?{}\\[\\],&*!|>'\"%@`~<=.+/_0-9a-zé漢\u{85}\u{1F600}\u{FEFF}\\\\]{0,12}";

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        TEXT,
        "([a-z'#]{1,9} {0,2}){0,30}",
        "([a-z ]{0,5}\n){0,4}[a-z]{0,2}",
        "[-+0-9.:eTZ_x]{0,8}",
        "yes|n|null|~|true|0x1F|\\.inf|1_000|2024-01-02",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_filter("whole", |number| number.fract() != 0.0).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..5)
                .prop_map(|entries| Value::Map(entries.into_iter().collect())),
        ]
    })
}

/// A text that was YAML once, with a few pieces put in, taken out or doubled.
fn spoiled() -> impl Strategy<Value = Vec<u8>> {
    let sound = prop_oneof![
        any_value().prop_map(|value| to_string(&value)),
        any_value().prop_map(|value| json::to_string(&value)),
        Just("a: &x {b: 1, c: [d, \"e\\x41\"]}\n---\n? |+\n  f\n: - <<: *x\n  - !!int \"1\"\n".to_owned()),
    ];
    let piece = prop_oneof![
        TEXT,
        "- |: |\\? |\\*x|&x |<<: |!!\\w{3,6} |\n---\n|\n|%TAG|\"|'|\\|2",
        "(\\[|\\{|- |\\? ){1,200}",
    ];
    let piece =
        prop_oneof![9 => piece.prop_map(String::into_bytes), 1 => prop::collection::vec(any::<u8>(), 0..4)];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, piece), 0..6);
    (sound, edits).prop_map(|(text, edits)| {
        let mut bytes = text.into_bytes();
        for (at, gone, piece) in edits {
            let at = at.index(bytes.len() + 1);
            let to = bytes.len().min(at + gone);
            bytes.splice(at..to, piece);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in any_value()) {
        let text = to_string(&value);
        prop_assert_eq!(read(text.as_bytes()).map(|document| document.value), Ok(value), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in spoiled()) {
        for document in read_stream(&text) {
            match document {
                Ok(document) => {
                    let written = to_string(&document.value);
                    prop_assert!(document.marks.find(&[]).is_some(), "{}", written);
                }
                Err(error) => prop_assert!(!error.message.is_empty() && error.at.line > 0),
            }
        }
    }
}
