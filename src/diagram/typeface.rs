//! How wide a text is, without a browser: the advance widths of Helvetica (and Arial, which has the same).

use std::borrow::Cow;

/// The widths of the characters from space to `~`, in thousandths of the type size (Adobe's Helvetica.afm).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/// How far one line lies below the one before, as a share of the type size.
pub const LINE_HEIGHT: f64 = 1.2;
/// How far letters reach above their baseline, as a share of the type size.
pub const ASCENT: f64 = 0.8;
/// How far letters reach below their baseline, as a share of the type size.
pub const DESCENT: f64 = 0.22;

/// What takes the place of what is left out of a name.
const ELLIPSIS: char = '…';

fn advance(character: char) -> u16 {
    match character {
        ' '..='~' => HELVETICA[character as usize - 0x20],
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' => 0,
        '·' => 278,
        '°' => 400,
        '×' | '±' | '÷' => 584,
        // East Asian scripts and their punctuation, full-width forms, arrows, dots and other signs.
        ELLIPSIS | '—' | '※' | '\u{1100}'..='\u{115f}' | '\u{2190}'..='\u{21ff}' => 1000,
        '\u{2e80}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' => 1000,
        '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f000}'..='\u{3fffd}' => 1000,
        _ => 556,
    }
}

/// The width of one line of text, in the unit of `size`.
pub fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(|character| f64::from(advance(character))).sum::<f64>() * size / 1000.0
}

/// `text` where it is at most `width` wide; else its beginning and its end around an ellipsis. The end counts more:
/// it is what tells the Pods of one owner apart.
pub fn shorten(text: &str, width: f64, size: f64) -> Cow<'_, str> {
    const KEPT_AT_END: usize = 5;
    if text_width(text, size) <= width {
        return Cow::Borrowed(text);
    }
    let characters: Vec<char> = text.chars().collect();
    let wide = |part: &[char]| part.iter().map(|c| f64::from(advance(*c))).sum::<f64>() * size / 1000.0;
    let room = width - wide(&[ELLIPSIS]);
    let mut end = KEPT_AT_END.min(characters.len() / 2);
    while end > 1 && wide(&characters[characters.len() - end..]) > room * 0.6 {
        end -= 1;
    }
    let tail = &characters[characters.len() - end..];
    let mut start = 0;
    while start < characters.len() - end && wide(&characters[..=start]) + wide(tail) <= room {
        start += 1;
    }
    // A hyphen at the cut says nothing.
    while start > 1 && characters[start - 1] == '-' {
        start -= 1;
    }
    Cow::Owned(characters[..start].iter().chain([&ELLIPSIS]).chain(tail).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_helveticas() {
        assert_eq!(text_width("mysql-0", 1000.0), 833.0 + 500.0 + 500.0 + 556.0 + 222.0 + 333.0 + 556.0);
        assert_eq!(text_width("日本", 12.0), 24.0);
    }

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shorten("mysql-0", 95.0, 12.0), "mysql-0");
        assert_eq!(shorten("pma-59fcd9f6f6-gcndn", 95.0, 12.0), "pma-59fc…gcndn");
        for width in 20..200 {
            let short = shorten("kube-controller-manager-docker-desktop", f64::from(width), 12.0);
            assert!(text_width(&short, 12.0) <= f64::from(width), "{short} in {width}");
        }
    }
}
