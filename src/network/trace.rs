//! "Why can't A reach B?": what a connection meets on its way, step by step. `cluster` makes one by letting the connection
//! happen in a copy of the cluster.

use crate::base::SimTime;

use super::activity::{Place, Transfer};

/// What a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// The one who connects: its Pod, its node.
    Sender,
    /// A question for a name, and its answer.
    Name,
    /// Whose address it is.
    Address,
    /// The Service and its port.
    Service,
    /// The endpoints of the Service, and why each is or is not one.
    Endpoints,
    /// The node that it goes to.
    Node,
    /// The NetworkPolicies on the way.
    Policy,
    /// The Pod that it comes to.
    Pod,
    /// Who listens on the port.
    Listener,
    /// What came back.
    Reply,
}

/// One thing that a connection meets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it is about.
    pub kind: StepKind,
    /// True where it goes on from here.
    pub passed: bool,
    /// Where it came from.
    pub from: Place,
    /// Where it goes to, or what it is about.
    pub to: Place,
    /// When this began and was over, in the cluster's time; the same moment where it takes none.
    pub at: SimTime,
    /// See `at`.
    pub until: SimTime,
    /// What was found, in a sentence.
    pub text: String,
    /// Further lines: each endpoint, each policy, with whether it is as one would wish.
    pub notes: Vec<(bool, String)>,
}

/// The way of a connection, or how far it came.
///
/// To draw it: the steps in order, each from [`Step::from`] to [`Step::to`]; the first that has not passed is where it
/// stopped, and [`Trace::reason`] belongs beside it. [`Trace::transfers`] holds the packets themselves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trace {
    /// Who connects.
    pub from: Place,
    /// To what: `mysql:3306`.
    pub target: String,
    /// What it met, in order.
    pub steps: Vec<Step>,
    /// True where the connection is made.
    pub reached: bool,
    /// The verdict, in a sentence.
    pub reason: String,
    /// What to change; empty where all is well or Saya does not know.
    pub advice: String,
    /// What was sent: names first, the connection last.
    pub transfers: Vec<Transfer>,
}

impl Trace {
    /// As text: a line a step with a tick or a cross, and the verdict.
    pub fn text(&self) -> String {
        let mark = |good: bool| if good { '✓' } else { '✗' };
        let mut text = String::new();
        for step in &self.steps {
            text.push_str(&format!("{} {}\n", mark(step.passed), step.text));
            for (good, note) in &step.notes {
                text.push_str(&format!("    {} {note}\n", mark(*good)));
            }
        }
        text.push_str(&format!("{} {}\n", if self.reached { "Yes:" } else { "No:" }, self.reason));
        if !self.advice.is_empty() {
            text.push_str(&format!("{}\n", self.advice));
        }
        text
    }
}
