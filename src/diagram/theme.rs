//! Roles that lines and fills play, and the colours a theme gives them. Shapes carry roles, never colours: the page
//! turns them into classes, the writers of files into the colours of a [`Theme`].

/// What a fill means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fill {
    /// Nothing: what lies below shows.
    #[default]
    None,
    /// The paper: what everything ordinary is filled with.
    Paper,
    /// The ink: arrow heads.
    Ink,
    /// Kubernetes' blue, of the icons.
    Icon,
    /// What is drawn on an icon.
    Glyph,
    /// On its way: being created or initialised.
    Waiting,
    /// There, but not ready.
    Unready,
    /// Failed.
    Failed,
    /// Failed, as a small sign.
    FailedSign,
    /// Over and done.
    Done,
    /// Over and done, as a small sign.
    DoneSign,
}

/// What a line or a text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ink {
    /// No line.
    None,
    /// The ordinary thin black.
    #[default]
    Line,
    /// Less important.
    Muted,
    /// As the paper: a rim around an icon or a sign.
    Paper,
    /// What is drawn on an icon.
    Glyph,
    /// On its way.
    Waiting,
    /// There, but not ready.
    Unready,
    /// Failed.
    Failed,
}

/// Colours for roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Black on white, for paper.
    #[default]
    Light,
    /// White on black.
    Dark,
}

impl Fill {
    /// Every role with its class name.
    pub const ALL: [(Fill, &'static str); 11] = [
        (Fill::None, "fill-none"),
        (Fill::Paper, "fill-paper"),
        (Fill::Ink, "fill-ink"),
        (Fill::Icon, "fill-icon"),
        (Fill::Glyph, "fill-glyph"),
        (Fill::Waiting, "fill-waiting"),
        (Fill::Unready, "fill-unready"),
        (Fill::Failed, "fill-failed"),
        (Fill::FailedSign, "fill-failed-sign"),
        (Fill::Done, "fill-done"),
        (Fill::DoneSign, "fill-done-sign"),
    ];
    /// The class of the page's style sheet.
    pub fn class(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl Ink {
    /// Every role with its class name.
    pub const ALL: [(Ink, &'static str); 8] = [
        (Ink::None, "ink-none"),
        (Ink::Line, "ink-line"),
        (Ink::Muted, "ink-muted"),
        (Ink::Paper, "ink-paper"),
        (Ink::Glyph, "ink-glyph"),
        (Ink::Waiting, "ink-waiting"),
        (Ink::Unready, "ink-unready"),
        (Ink::Failed, "ink-failed"),
    ];
    /// The class of the page's style sheet.
    pub fn class(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl Theme {
    /// The colour of a fill, as `#rrggbb` or `none`.
    pub fn fill(self, fill: Fill) -> &'static str {
        let (light, dark) = match fill {
            Fill::None => ("none", "none"),
            Fill::Paper => ("#ffffff", "#121212"),
            Fill::Ink => ("#000000", "#ededed"),
            Fill::Icon => ("#2875E2", "#2875E2"),
            Fill::Glyph => ("#ffffff", "#ffffff"),
            Fill::Waiting => ("#fff2cc", "#281d00"),
            Fill::Unready => ("#ffe6cc", "#37210b"),
            Fill::Failed => ("#f8cecc", "#512d2b"),
            Fill::FailedSign => ("#b85450", "#d7817d"),
            Fill::Done => ("#f5f5f5", "#1a1a1a"),
            Fill::DoneSign => ("#666666", "#959595"),
        };
        if self == Theme::Light { light } else { dark }
    }

    /// The colour of a line or a text, as `#rrggbb` or `none`.
    pub fn ink(self, ink: Ink) -> &'static str {
        let (light, dark) = match ink {
            Ink::None => ("none", "none"),
            Ink::Line => ("#000000", "#ededed"),
            Ink::Muted => ("#666666", "#959595"),
            Ink::Paper => ("#ffffff", "#121212"),
            Ink::Glyph => ("#ffffff", "#ffffff"),
            Ink::Waiting => ("#d6b656", "#6c5100"),
            Ink::Unready => ("#d79b00", "#996500"),
            Ink::Failed => ("#b85450", "#d7817d"),
        };
        if self == Theme::Light { light } else { dark }
    }

    /// The style sheet of the roles, as custom properties and the classes that use them: what a page needs to draw
    /// a scene by [`Fill::class`] and [`Ink::class`]. The document's root says by `data-theme` which theme it has
    /// (`light`, `dark`, or `system`). `static/figure.css` is this text.
    pub fn style_sheet() -> String {
        let properties = |theme: Theme| {
            let fills = Fill::ALL.iter().map(|(fill, class)| format!("--{class}:{};", theme.fill(*fill)));
            let inks = Ink::ALL.iter().map(|(ink, class)| format!("--{class}:{};", theme.ink(*ink)));
            fills.chain(inks).collect::<String>()
        };
        let (light, dark) = (properties(Theme::Light), properties(Theme::Dark));
        let mut sheet = format!(
            ":root{{{light}}}\n:root[data-theme=\"dark\"]{{{dark}}}\n\
             @media (prefers-color-scheme:dark){{:root[data-theme=\"system\"]{{{dark}}}}}\n"
        );
        for (_, class) in Fill::ALL {
            sheet.push_str(&format!(".figure .{class}{{fill:var(--{class})}}\n"));
        }
        for (_, class) in Ink::ALL {
            sheet.push_str(&format!(
                ".figure .{class}{{stroke:var(--{class})}}.figure text.{class}{{fill:var(--{class});stroke:none}}\n"
            ));
        }
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_this_style_sheet() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/static/figure.css");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(path, Theme::style_sheet()).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap_or_default(),
            Theme::style_sheet(),
            "UPDATE_EXPECT=1 writes it"
        );
    }

    #[test]
    fn classes_stand_in_the_order_of_their_roles() {
        assert!(Fill::ALL.iter().enumerate().all(|(index, (fill, _))| *fill as usize == index));
        assert!(Ink::ALL.iter().enumerate().all(|(index, (ink, _))| *ink as usize == index));
    }
}
