//! A share: a log, what of it is shown and where time stands, as a text and as a link that holds it all. The format is
//! written down in `docs/link-format.md`.
//!
//! A link is a stranger's text: all that can be wrong with one is found before anything is made of it, and told apart.

mod checksum;
pub mod export;
mod link;

use std::fmt;

use crate::base::SimTime;
use crate::sim::{Log, LogError};

pub use checksum::crc32;
pub use link::{LONGEST_TEXT, LinkError};

/// What a page can show, by the words of links, addresses and the Sphinx directive.
pub const PANELS: &[&str] = &["diagram", "terminal", "editor"];

/// No log that people make comes near this; a longer one is a stranger's.
const MOST_INPUTS: usize = 5_000;

/// All that a link carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The files, the cluster's profile, the seed, and what was done.
    pub log: Log,
    /// The [`PANELS`] that are shown, in their order; the page's own choice where there are none.
    pub view: Vec<String>,
    /// Where time stands; without it, time runs from the beginning.
    pub time: Option<SimTime>,
}

impl fmt::Display for Share {
    /// The canonical text: the log's, then what is shown and the time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.log)?;
        if !self.view.is_empty() {
            writeln!(f, "view {}", self.view.join(" "))?;
        }
        if let Some(time) = self.time {
            writeln!(f, "time {}", crate::sim::log::seconds(time))?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Share {
    type Err = LogError;

    /// Reads the canonical text; a log by itself is one, too.
    ///
    /// # Errors
    /// The first line that does not belong there.
    fn from_str(text: &str) -> Result<Self, LogError> {
        let mut share = Share::default();
        let mut log = text.trim_end_matches('\n');
        let mut line = log.matches('\n').count() + 1;
        // What is not the log's stands below it.
        while let Some((above, last)) = log.rsplit_once('\n') {
            let fail = |what: String| Err(LogError { line, what });
            if let Some(words) = last.strip_prefix("view ") {
                share.view = words.split(' ').map(str::to_string).collect();
                if let Some(other) = share.view.iter().find(|word| !PANELS.contains(&word.as_str())) {
                    return fail(format!("\"{other}\" is nothing to show; there are {}", PANELS.join(", ")));
                }
            } else if let Some(seconds) = last.strip_prefix("time ") {
                share.time = crate::sim::log::parse_seconds(seconds);
                if share.time.is_none() {
                    return fail("a time is a number of seconds".into());
                }
            } else {
                break;
            }
            log = above;
            line -= 1;
        }
        share.log = log.parse()?;
        if share.log.inputs.len() > MOST_INPUTS {
            let what = format!("more than {MOST_INPUTS} things are done in it");
            return Err(LogError { line, what });
        }
        Ok(share)
    }
}
