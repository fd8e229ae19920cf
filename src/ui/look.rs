//! How the page looks, and what of the cluster it shows.

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word that style sheet and storage know it by.
    pub fn word(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
    /// The look of a word.
    pub fn of_word(word: &str) -> Self {
        match word {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        }
    }
    /// The one after it.
    pub fn next(self) -> Self {
        match self {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        }
    }
}

/// The panel that a narrow page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Files and editor.
    Files,
    /// The figure.
    Figure,
    /// The terminals.
    Terminal,
    /// The learner's browser.
    Window,
    /// The course.
    Lesson,
}

impl Panel {
    /// The word that the style sheet knows it by.
    pub fn word(self) -> &'static str {
        match self {
            Panel::Files => "files",
            Panel::Figure => "figure",
            Panel::Terminal => "terminal",
            Panel::Window => "window",
            Panel::Lesson => "lesson",
        }
    }
}

/// Something of the figure that is shown or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The namespaces of Kubernetes itself.
    System,
    /// Volumes that hold configuration.
    Config,
    /// The direct ways between Pods.
    Direct,
    /// Labels and selectors.
    Selectors,
    /// Deployments and the like.
    Owners,
    /// Claims, volumes and storage classes.
    Storage,
    /// NetworkPolicies.
    Policies,
    /// Lookups and connections.
    Traffic,
    /// Those that nobody asked for, too.
    Background,
    /// The figure in words.
    Text,
}

/// What is to be seen over and beside the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Lookups and connections.
    pub traffic: bool,
    /// Those that nobody asked for, too.
    pub background: bool,
    /// The figure in words.
    pub text: bool,
}
