//! What kubectl asks of others: everything is checked and resolved, only the doing is left.

use crate::apiserver::rbac::User;
use crate::base::SimTime;

/// `kubectl exec`: a program in a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExecRequest {
    /// The Pod's namespace.
    pub namespace: String,
    /// The Pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// True where standard input is handed on.
    pub stdin: bool,
    /// True where the program gets a terminal.
    pub tty: bool,
}

/// `kubectl attach`: the main program of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttachRequest {
    /// The Pod's namespace.
    pub namespace: String,
    /// The Pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// True where standard input is handed on.
    pub stdin: bool,
    /// True where its standard input ends with this one (`stdinOnce`).
    pub once: bool,
    /// True where it has a terminal.
    pub tty: bool,
    /// What is said when it is over.
    pub resume: Option<String>,
}

/// One container whose log is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogSource {
    /// The Pod's namespace.
    pub namespace: String,
    /// The Pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// What stands before each line: `[pod/web/nginx] `, or nothing.
    pub prefix: String,
}

/// `kubectl logs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogsRequest {
    /// The containers, in order.
    pub sources: Vec<LogSource>,
    /// True where new lines are waited for.
    pub follow: bool,
    /// True for the container before the last restart.
    pub previous: bool,
    /// True where each line begins with its time.
    pub timestamps: bool,
    /// Only that many lines from the end.
    pub tail: Option<u64>,
    /// Only that many bytes.
    pub limit_bytes: Option<u64>,
    /// Only lines written since.
    pub since: Option<SimTime>,
    /// What is printed on standard error when these logs have been, and the exit status: a further container's log
    /// was refused.
    pub refused: Option<(String, u8)>,
}

/// One pair of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PortPair {
    /// The port on this host; 0 for any.
    pub local: u16,
    /// The Pod's port.
    pub remote: u16,
}

/// `kubectl port-forward`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortForwardRequest {
    /// The Pod's namespace.
    pub namespace: String,
    /// The Pod.
    pub pod: String,
    /// The addresses of this host that listen: `localhost`.
    pub addresses: Vec<String>,
    /// The ports.
    pub ports: Vec<PortPair>,
}

/// `kubectl proxy`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProxyRequest {
    /// The address of this host that listens: `127.0.0.1`.
    pub address: String,
    /// The port.
    pub port: u16,
    /// What stands before the API server's own paths, without slashes around it.
    pub prefix: String,
    /// Who the API server takes everybody for who asks there.
    pub user: User,
}

/// One side of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CopySide {
    /// Namespace, Pod and container; none for this host.
    pub container: Option<(String, String, String)>,
    /// The path.
    pub path: String,
}

/// `kubectl cp`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CopyRequest {
    /// From where.
    pub from: CopySide,
    /// To where.
    pub to: CopySide,
}

/// `kubectl edit`: a text for the learner to change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EditRequest {
    /// The text.
    pub text: String,
}
