//! What differs between two clusters that do the same: addresses, ages, suffixes, versions, dates, the widths of columns.
//!
//! A line is folded by putting a word for what varies in the place of it. What was there is kept: where a chapter's line and
//! the cluster's are the same but for that, the one stands for the other from then on ([`Names`]).

use std::collections::BTreeMap;

/// A folded line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    /// The line with words in place of what varies.
    pub text: String,
    /// What names something that varies (addresses, generated names, ports, uids), in order.
    pub names: Vec<String>,
}

/// What generated names are made of: no vowels, and no digits that look like them.
fn is_random(c: u8) -> bool {
    b"bcdfghjklmnpqrstvwxz2456789".contains(&c)
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_'
}

/// What a fold puts in the text, whether it names something, and how many bytes it takes.
type Found = (&'static str, bool, usize);

struct Scanner<'a> {
    bytes: &'a [u8],
    /// `100m` is no age in a line about CPU.
    cpu: bool,
}

impl Scanner<'_> {
    fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }
    fn digits(&self, at: usize) -> usize {
        self.bytes[at.min(self.bytes.len())..].iter().take_while(|c| c.is_ascii_digit()).count()
    }
    fn run(&self, at: usize, is: impl Fn(u8) -> bool) -> usize {
        self.bytes[at.min(self.bytes.len())..].iter().take_while(|c| is(**c)).count()
    }
    /// Matches a picture: `9` a digit, `a` a letter, `_` a space or more, anything else itself. The length.
    fn like(&self, at: usize, picture: &str) -> Option<usize> {
        let mut end = at;
        for c in picture.bytes() {
            let found = self.at(end);
            match c {
                b'9' if found.is_ascii_digit() => end += 1,
                b'a' if found.is_ascii_alphabetic() => end += 1,
                b'_' if found == b' ' => end += self.run(end, |c| c == b' '),
                _ if c == found && !matches!(c, b'9' | b'a' | b'_') => end += 1,
                _ => return None,
            }
        }
        Some(end - at)
    }

    /// A part of a second and a zone behind a time.
    fn zone(&self, mut end: usize) -> usize {
        if self.at(end) == b'.' && self.at(end + 1).is_ascii_digit() {
            end += 1 + self.digits(end + 1);
        }
        if self.at(end) == b'Z' {
            return end + 1;
        }
        for picture in ["+99:99", "-99:99", "_+9999", "_-9999", "_UTC", "_aaa_9999"] {
            if let Some(length) = self.like(end, picture) {
                return end + length;
            }
        }
        end
    }

    fn uid(&self, at: usize) -> Option<Found> {
        let mut end = at;
        for (part, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
            if part > 0 {
                if self.at(end) != b'-' {
                    return None;
                }
                end += 1;
            }
            if self.run(end, |c| c.is_ascii_hexdigit()) != length {
                return None;
            }
            end += length;
        }
        Some(("UID", true, end - at))
    }

    fn time(&self, at: usize) -> Option<Found> {
        const PICTURES: &[&str] = &[
            "9999-99-99T99:99:99",
            "9999-99-99 99:99:99",
            "aaa,_99_aaa_9999_99:99:99",
            "aaa_aaa_99_99:99:99",
            "aaa_aaa_9_99:99:99",
            "99/aaa/9999:99:99:99",
            "9999/99/99 99:99:99",
            "9999-99-99",
            "aaa,_99_aaa_9999",
            "99:99:99",
        ];
        let length = PICTURES.iter().find_map(|picture| self.like(at, picture))?;
        let mut end = self.zone(at + length);
        // `Sat Nov 21 09:00:00 UTC 2026`, `Sat Nov 21 09:00:00 2026`
        if self.at(at).is_ascii_alphabetic()
            && let Some(year) = self.like(end, "_9999")
        {
            end += year;
        }
        (!is_word(self.at(end))).then_some(("TIME", false, end - at))
    }

    /// `I1120 22:11:29.221426   22062 `
    fn klog(&self, at: usize) -> Option<Found> {
        if !b"IWEF".contains(&self.at(at)) {
            return None;
        }
        let length = self.like(at + 1, "9999_99:99:99.999999")?;
        let mut end = at + 1 + length;
        end += self.run(end, |c| c == b' ');
        end += self.digits(end);
        Some(("LOG", false, end - at))
    }

    fn address(&self, at: usize) -> Option<Found> {
        let mut end = at;
        for part in 0..4 {
            if part > 0 {
                if self.at(end) != b'.' {
                    return None;
                }
                end += 1;
            }
            let digits = self.digits(end);
            if !(1..=3).contains(&digits) {
                return None;
            }
            end += digits;
        }
        let text = &self.bytes[at..end];
        // These are the same everywhere.
        let special = text.starts_with(b"127.") || text == b"0.0.0.0" || text.starts_with(b"255.");
        let goes_on = is_word(self.at(end)) || self.at(end) == b'.' && self.at(end + 1).is_ascii_digit();
        // The API server's own port is another one in minikube.
        let own = self.like(end, ":6443").or_else(|| self.like(end, ":8443")).unwrap_or(0);
        (!special && !goes_on).then_some(("IP", true, end + own - at))
    }

    /// `10-244-0-5`, as a Pod's address stands in a name.
    fn dashed_address(&self, at: usize) -> Option<Found> {
        let mut end = at;
        for part in 0..4 {
            if part > 0 {
                if self.at(end) != b'-' {
                    return None;
                }
                end += 1;
            }
            let digits = self.digits(end);
            if !(1..=3).contains(&digits) {
                return None;
            }
            end += digits;
        }
        (!is_word(self.at(end)) && self.at(end) != b'-').then_some(("DASHED", true, end - at))
    }

    /// `5m30s`, `2d`, `1.026s`, `0.05 sec`
    fn age(&self, at: usize) -> Option<Found> {
        for unknown in ["<invalid>", "<unknown>"] {
            if self.bytes[at..].starts_with(unknown.as_bytes()) {
                return Some(("AGE", false, unknown.len()));
            }
        }
        let mut end = at;
        let mut parts = 0;
        loop {
            let mut digits = self.digits(end);
            if digits == 0 {
                break;
            }
            if self.at(end + digits) == b'.' && self.digits(end + digits + 1) > 0 {
                digits += 1 + self.digits(end + digits + 1);
            }
            let rest = &self.bytes[end + digits..];
            let unit = [&b"ms"[..], "µs".as_bytes(), b"y", b"d", b"h", b"m", b"s"]
                .into_iter()
                .find(|unit| rest.starts_with(unit))?;
            if unit == b"m" && parts == 0 && self.cpu && !rest.get(1).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            end += digits + unit.len();
            parts += 1;
        }
        if parts > 0 && !is_word(self.at(end)) && !(self.at(end) == b'.' && is_word(self.at(end + 1))) {
            return Some(("AGE", false, end - at));
        }
        if parts == 0 {
            return None;
        }
        None
    }

    /// `0.05 sec`, `5.3 seconds`, `0.123 ms`
    fn seconds(&self, at: usize) -> Option<Found> {
        let digits = self.digits(at);
        if digits == 0 || self.at(at + digits) != b'.' {
            return None;
        }
        let end = at + digits + 1 + self.digits(at + digits + 1);
        let unit = [" seconds", " secs", " sec", " ms"]
            .into_iter()
            .find(|unit| self.bytes[end..].starts_with(unit.as_bytes()))?;
        Some(("AGE", false, end + unit.len() - at))
    }

    fn node_port(&self, at: usize) -> Option<Found> {
        let is_port = self.digits(at) == 5 && self.at(at) == b'3' && (b'0'..=b'2').contains(&self.at(at + 1));
        let before = if at == 0 { 0 } else { self.at(at - 1) };
        let alone = before != b'.' && before != b'-' && !is_word(self.at(at + 5)) && self.at(at + 5) != b'.';
        (is_port && alone).then_some(("NODEPORT", true, 5))
    }

    /// `v1.36.2`, `8.4.0`, `1.27.2-alpine`; the tag of an image is none, for it is what the manifest says.
    fn version(&self, at: usize) -> Option<Found> {
        let prefix = usize::from(self.at(at) == b'v');
        if prefix == 0 && at > 0 && matches!(self.at(at - 1), b':' | b'-' | b'.') {
            return None;
        }
        let mut end = at + prefix;
        let mut parts = 0;
        loop {
            let digits = self.digits(end);
            if !(1..=4).contains(&digits) {
                return None;
            }
            end += digits;
            parts += 1;
            if self.at(end) != b'.' || !self.at(end + 1).is_ascii_digit() {
                break;
            }
            end += 1;
        }
        if parts != 3 {
            return None;
        }
        if matches!(self.at(end), b'-' | b'+') {
            end += 1 + self.run(end + 1, |c| is_word(c) || b".-+~".contains(&c));
            // `-MariaDB-1:10.11.7+maria~ubu2204`
            if self.at(end) == b':' && self.at(end + 1).is_ascii_digit() {
                end += 1 + self.run(end + 1, |c| is_word(c) || b".-+~".contains(&c));
            }
        }
        (!is_word(self.at(end))).then_some(("VERSION", false, end - at))
    }

    /// The id of a container or an image.
    fn id(&self, at: usize) -> Option<Found> {
        for prefix in ["containerd://", "docker://", "docker-pullable://", "cri-o://"] {
            if self.bytes[at..].starts_with(prefix.as_bytes()) {
                return Some(("CONTAINER", false, self.run(at, |c| c != b' ')));
            }
        }
        if self.bytes[at..].starts_with(b"sha256:") {
            return Some(("DIGEST", false, 7 + self.run(at + 7, |c| c.is_ascii_hexdigit())));
        }
        let hex = self.run(at, |c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
        let mixed = self.bytes[at..at + hex].iter().any(u8::is_ascii_digit)
            && self.bytes[at..at + hex].iter().any(u8::is_ascii_alphabetic);
        (mixed && hex >= 12 && !is_word(self.at(at + hex)) && self.at(at + hex) != b'-')
            .then_some(("ID", false, hex))
    }

    /// `-5d9c8bdf4d-x2x4z`, `-x2x4z`: what a controller appends to a name. `at` is behind the dash.
    fn suffix(&self, at: usize) -> Option<Found> {
        let goes_on = |end: usize| {
            self.at(end).is_ascii_alphanumeric() || self.at(end) == b'-' && is_word(self.at(end + 1))
        };
        let run = self.run(at, is_random);
        let hash = if (6..=10).contains(&run) {
            run
        } else {
            // Clusters before 1.8 had numbers there.
            let digits = self.digits(at);
            if (8..=10).contains(&digits) { digits } else { 0 }
        };
        if hash > 0 && self.at(at + hash) == b'-' {
            let pod = self.run(at + hash + 1, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
            if pod == 5 && !goes_on(at + hash + 6) {
                return Some(("HASH-RAND", true, hash + 6));
            }
        }
        if (8..=10).contains(&run) && !goes_on(at + run) {
            return Some(("HASH", true, run));
        }
        (run == 5 && !goes_on(at + 5) && self.at(at + 5) != b'.').then_some(("RAND", true, 5))
    }

    fn find(&self, at: usize) -> Option<Found> {
        let before = if at == 0 { b' ' } else { self.at(at - 1) };
        let c = self.at(at);
        if before == b'-'
            && (c.is_ascii_lowercase() || c.is_ascii_digit())
            && let Some(found) = self.suffix(at)
        {
            return Some(found);
        }
        if is_word(before) {
            return None;
        }
        if c == b'<' {
            return self.age(at);
        }
        if !c.is_ascii_alphanumeric() {
            return None;
        }
        let mut found = None;
        if c.is_ascii_digit() {
            let after_dot = before == b'.' || before == b'-';
            found = self.uid(at).or_else(|| self.time(at));
            if !after_dot {
                found = found
                    .or_else(|| self.address(at))
                    .or_else(|| self.dashed_address(at))
                    .or_else(|| self.age(at))
                    .or_else(|| self.seconds(at))
                    .or_else(|| self.version(at))
                    .or_else(|| self.node_port(at));
            }
        } else {
            if c.is_ascii_uppercase() {
                found = self.time(at).or_else(|| self.klog(at));
            }
            if c == b'v' {
                found = found.or_else(|| self.version(at));
            }
            if c.is_ascii_hexdigit() {
                found = found.or_else(|| self.uid(at));
            }
        }
        if found.is_none() && (c.is_ascii_hexdigit() || b"cds".contains(&c)) {
            found = self.id(at);
        }
        found
    }
}

/// Numbers behind these words vary.
const COUNTED: &[&str] = &[
    "resourceVersion: ",
    "\"resourceVersion\": ",
    "connection id is ",
    "Image size: ",
    "pid ",
    "id: ",
    "id=",
    "PID ",
    "seq=",
    "Copyright (c) 2000, ",
];

/// Folds a line.
pub(super) fn fold(line: &str) -> Folded {
    let line = line.trim_end();
    let bytes = line.as_bytes();
    let scanner = Scanner { bytes, cpu: line.to_ascii_lowercase().contains("cpu") };
    let mut folded = Folded { text: String::with_capacity(line.len() + 16), names: Vec::new() };
    let out = &mut folded.text;
    let mut at = 0;
    while at < bytes.len() {
        if let Some((word, named, length)) = scanner.find(at) {
            if named {
                folded.names.push(if word.contains("RAND") || word == "HASH" {
                    // The whole name counts.
                    let in_name = |c: &u8| c.is_ascii_alphanumeric() || *c == b'-';
                    let begin = at - bytes[..at].iter().rev().take_while(|c| in_name(c)).count();
                    line[begin..at + length].to_string()
                } else {
                    line[at..at + length].to_string()
                });
            }
            out.push_str(word);
            at += length;
            continue;
        }
        let c = bytes[at];
        if c.is_ascii_digit()
            && (at == 0 || !is_word(bytes[at - 1]))
            && COUNTED.iter().any(|word| line[..at].trim_end_matches('"').ends_with(word))
        {
            out.push('N');
            at += scanner.digits(at);
            continue;
        }
        if c == b' ' || c == b'\t' {
            let blanks = scanner.run(at, |c| c == b' ' || c == b'\t');
            // Between words as much space as the widths of columns want; at the beginning it is what it is, unless it stands for
            // the empty first column of a description.
            let kept = if out.is_empty() { blanks.min(16) } else { 1 };
            out.extend(std::iter::repeat_n(' ', kept));
            at += blanks;
            continue;
        }
        let length = line[at..].chars().next().map_or(1, char::len_utf8);
        out.push_str(&line[at..at + length]);
        at += length;
    }
    // kubectl of 1.33 and before says less.
    if folded.text.ends_with(" namespace")
        && let Some(from) = folded.text.rfind(" from ")
        && folded.text[..from].ends_with("deleted")
    {
        folded.text.truncate(from);
    }
    of_events(&mut folded.text);
    if folded.text.starts_with("Server version: ") {
        folded.text.truncate(15);
    }
    // Clients before MariaDB 11 say it so.
    if let Some(at) = place(&folded.text, "local MySQL server through") {
        folded.text.replace_range(at + 6..at + 12, "");
    }
    // What curl waited: `after 3069 ms`.
    if let Some(at) = place(&folded.text, " after ") {
        let digits = folded.text[at + 7..].chars().take_while(char::is_ascii_digit).count();
        if digits > 0 && folded.text[at + 7 + digits..].starts_with(" ms") {
            folded.text.replace_range(at + 7..at + 7 + digits, "N");
        }
    }
    if let Some(times) = place(&folded.text, "(x") {
        let digits = folded.text[times + 2..].chars().take_while(char::is_ascii_digit).count();
        if digits > 0 && folded.text[times + 2 + digits..].starts_with(" over ") {
            folded.text.replace_range(times + 2..times + 2 + digits, "N");
        }
    }
    folded
}

/// Where a part of a text is. Hardly a line has what is looked for here, and that is told much sooner than a place.
fn place(text: &str, part: &str) -> Option<usize> {
    if text.contains(part) { text.find(part) } else { None }
}

/// Events of kubelets before 1.34 name the container behind their words, and say less.
fn of_events(text: &mut String) {
    if let Some(at) = place(text, " spec.")
        && let Some(end) = text[at..].find("}: ")
    {
        text.replace_range(at + 1..at + end + 3, "");
    }
    for (old, new) in
        [("Created container ", "Container created"), ("Started container ", "Container started")]
    {
        if let Some(at) = place(text, old)
            && !text[at + old.len()..].trim_end_matches(':').contains(' ')
        {
            text.replace_range(at.., new);
        }
    }
    for more in [" (AGE including waiting)", " and can be accessed by the pod"] {
        if let Some(at) = place(text, more)
            && at > 0
        {
            text.truncate(at);
        }
    }
}

/// What a chapter calls things by, and what they are called in this cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Learns from two lines that are the same but for what varies: the chapter's, and what was printed.
    pub(super) fn learn(&mut self, said: &Folded, printed: &Folded) {
        if said.names.len() == printed.names.len() {
            for (said, printed) in said.names.iter().zip(&printed.names) {
                self.0.insert(said.clone(), printed.clone());
            }
        }
    }

    /// A command of the chapter with the names of this cluster.
    pub fn translate(&self, command: &str) -> String {
        if self.0.iter().all(|(said, real)| said == real) {
            return command.to_string();
        }
        let in_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let mut out = String::with_capacity(command.len());
        let mut rest = command;
        while !rest.is_empty() {
            let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(length);
            let whole = word.trim_end_matches('.');
            let first = word.split('.').next().unwrap_or_default();
            if let Some(real) = self.0.get(whole) {
                out.push_str(real);
                out.push_str(&word[whole.len()..]);
            } else if let Some(real) = self.0.get(first) {
                out.push_str(real);
                out.push_str(&word[first.len()..]);
            } else {
                out.push_str(word);
            }
            let next = after.chars().next().map_or(0, char::len_utf8);
            out.push_str(&after[..next]);
            rest = &after[next..];
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_folded() {
        for (one, other) in [
            (
                "web-cc544bdcc-x7k2q   1/1   Running   0     12s",
                "web-5d9c8bdf4d-2xk7q  1/1     Running   0          3m20s",
            ),
            ("my-nginx-2035384211-j5fhi", "my-nginx-cc544bdcc-abcde"),
            ("IP: 10.244.0.5", "IP: 10.1.0.12"),
            ("pod \"x\" deleted", "pod \"x\" deleted from default namespace"),
            (
                "a   NodePort   10.96.3.4   <none>   80:31234/TCP   5d",
                "a   NodePort   10.100.9.2     <none>   80:30001/TCP   9s",
            ),
            ("Fri, 20 Nov 2026 09:10:01 +0000", "Mon, 01 Jan 2024 10:00:00 +0900"),
            ("Fri Nov 20 09:10:01 UTC 2026", "Mon Jan  1 10:00:00 UTC 2024"),
            ("uid: 0b3e9d39-36f3-4dd5-9a2d-b8f4d1d2d0a1", "uid: 11111111-36f3-4dd5-9a2d-b8f4d1d2d0a2"),
            ("Server: nginx/1.27.2", "Server: nginx/1.25.0"),
            (
                "docker-desktop   Ready   control-plane   10m   v1.36.2",
                "docker-desktop   Ready   control-plane   4d2h   v1.30.1",
            ),
            (
                "in 1.026s (1.026s including waiting). Image size: 32882358 bytes.",
                "in 3s (3s including waiting). Image size: 1 bytes.",
            ),
            ("2 rows in set (0.01 sec)", "2 rows in set (0.000 sec)"),
            (
                "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/run/x' (2)",
                "ERROR 2002 (HY000): Can't connect to local server through socket '/run/x' (2)",
            ),
            ("Warning  BackOff  10s (x3 over 20s)", "Warning  BackOff  2m (x7 over 5m)"),
            (
                "curl: (7) Failed to connect to 10.1.0.5 port 3306 after 3069 ms: Couldn't connect to server",
                "curl: (7) Failed to connect to 10.1.0.9 port 3306 after 3 ms: Couldn't connect to server",
            ),
            ("10-244-0-5.default.pod.cluster.local", "10-1-0-9.default.pod.cluster.local"),
        ] {
            assert_eq!(fold(one).text, fold(other).text);
        }
    }

    #[test]
    fn what_matters_stays() {
        for (one, other) in [
            ("mysql-0   1/1   Running", "mysql-1   1/1   Running"),
            ("mysql-0   1/1   Running", "mysql-0   0/1   Running"),
            ("Image: nginx:1.14.2", "Image: nginx:1.16.1"),
            ("port: 80", "port: 81"),
            ("cpu: 100m", "cpu: 200m"),
            ("127.0.0.1", "127.0.0.2"),
            ("replicas: 30", "replicas: 31"),
            ("  a: b", "a: b"),
            ("3306/TCP", "3307/TCP"),
        ] {
            assert_ne!(fold(one).text, fold(other).text);
        }
    }

    #[test]
    fn what_was_folded_is_learnt() {
        let mut names = Names::default();
        let said = fold("pma-5d9c8bdf4d-x2x4z   1/1   Running   0   5s   10.1.0.15");
        names.learn(&said, &fold("pma-5d9c8bdf4d-q7q7q   1/1   Running   0   9s   10.1.0.9"));
        assert_eq!(
            names.translate("kubectl exec pma-5d9c8bdf4d-x2x4z -- curl http://10.1.0.15:80/ # 10.1.0.150"),
            "kubectl exec pma-5d9c8bdf4d-q7q7q -- curl http://10.1.0.9:80/ # 10.1.0.150"
        );
    }
}
