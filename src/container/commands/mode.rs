//! Permission bits as text: `755`, `u+x,go-w`, `-rw-r--r--`.

use crate::container::tree::Kind;

/// The bits that a text asks for, where the file has `old`; none where it is no mode. `umask` holds back what a
/// change without `u`, `g`, `o` or `a` would give.
pub fn change(old: u16, text: &str, directory: bool, umask: u16) -> Option<u16> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u16::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let who_length = clause.find(|c| !"ugoa".contains(c))?;
        let (who, mut rest) = clause.split_at(who_length);
        let mut mask: u16 = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                _ => 0o7777,
            };
        }
        let given = if who.is_empty() { 0o7777 & !umask } else { mask };
        while let Some(operator) = rest.chars().next() {
            if !"+-=".contains(operator) {
                return None;
            }
            rest = &rest[1..];
            let length = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let mut bits: u16 = 0;
            for letter in rest[..length].chars() {
                bits |= match letter {
                    'r' => 0o444,
                    'w' => 0o222,
                    'x' => 0o111,
                    'X' if directory || old & 0o111 != 0 => 0o111,
                    'X' => 0,
                    's' => 0o6000,
                    't' => 0o1000,
                    'u' => (mode >> 6 & 7) * 0o111,
                    'g' => (mode >> 3 & 7) * 0o111,
                    'o' => (mode & 7) * 0o111,
                    _ => return None,
                };
            }
            rest = &rest[length..];
            let bits = bits & given;
            mode = match operator {
                '+' => mode | bits,
                '-' => mode & !bits,
                _ => mode & !(if who.is_empty() { 0o777 } else { mask & 0o777 }) | bits,
            };
        }
    }
    Some(mode)
}

/// `drwxr-xr-x`
pub fn text(kind: Kind, mode: u16) -> String {
    let mut out = String::from(kind.letter());
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        for (old, asked, expected) in [
            (0o644, "755", Some(0o755)),
            (0o644, "+x", Some(0o755)),
            (0o644, "u+x", Some(0o744)),
            (0o755, "go-rx", Some(0o700)),
            (0o600, "a=r,u+w", Some(0o644)),
            (0o644, "g=u", Some(0o664)),
            (0o755, "+t", Some(0o1755)),
            (0o644, "u+q", None),
            (0o644, "", None),
        ] {
            assert_eq!(change(old, asked, false, 0o022), expected, "{old:o} {asked}");
        }
        assert_eq!(text(Kind::Directory, 0o1777), "drwxrwxrwt");
        assert_eq!(text(Kind::File, 0o4755), "-rwsr-xr-x");
    }
}
