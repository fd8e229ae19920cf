//! The programs that are in most images: a file a tool. To add one, write its file and a line in the list below.

pub mod echo;
pub mod input;
mod install;
pub mod kill;
pub mod mode;
pub mod openssl;
pub mod options;
pub mod printf;
pub mod test;

mod awk;
mod base64;
mod busybox;
mod cat;
mod chmod;
mod cp;
mod cut;
pub mod date;
mod dd;
pub mod diff;
mod du;
mod env;
mod expr;
mod find;
mod grep;
mod gzip;
mod head;
mod jq;
mod ln;
mod ls;
mod memory;
mod mkdir;
mod mv;
pub mod network;
mod path;
pub(super) mod proc;
mod ps;
mod refused;
mod rm;
mod sed;
mod seq;
mod sleep;
mod sort;
mod stat;
mod sum;
mod sysctl;
mod tac;
mod tail;
mod tar;
mod tee;
mod time;
mod timeout;
mod touch;
mod tr;
mod truncate;
mod uniq;
mod usage;
mod watch;
mod wc;
mod who;
mod xargs;
mod yes;

use super::kernel::Kernel;
use super::program::Step;
use options::Named;

/// Whose tool it is: they differ in messages and options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flavor {
    /// coreutils, findutils, grep, procps: Debian's.
    Gnu,
    /// BusyBox.
    BusyBox,
}

/// The version of BusyBox that all texts are of.
pub const VERSION: &str = "1.35.0";

macro_rules! tools {
    (at once: $($name:literal => $function:path,)* running: $($running:literal => $variant:ident($state:ty),)*) => {
        /// What a tool has got to.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        enum State {
            /// It does all it does when it starts.
            AtOnce,
            $(#[allow(missing_docs)] $variant($state),)*
        }

        /// The names of all tools.
        pub const NAMES: &[&str] = &[$($name,)* $($running,)*];

        impl Tool {
            /// The tool of a name.
            pub fn new(flavor: Flavor, name: &str) -> Option<Self> {
                let (name, state) = match name {
                    $($name => ($name, State::AtOnce),)*
                    $($running => ($running, State::$variant(Default::default())),)*
                    _ => return None,
                };
                Some(Self { flavor, name, state })
            }

            /// Goes on until it must wait.
            pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
                let tool = Named { name: self.name, flavor: self.flavor };
                match &mut self.state {
                    State::AtOnce => match self.name {
                        $($name => Step::Exit($function(kernel, tool)),)*
                        _ => Step::Exit(127),
                    },
                    $(State::$variant(state) => state.step(kernel, tool),)*
                }
            }
        }
    };
}

/// A tool that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tool {
    flavor: Flavor,
    name: &'static str,
    state: State,
}

impl Tool {
    /// The tool that an executable's id stands for: `gnu/cat`, `busybox/cat`.
    pub fn load(id: &str) -> Option<Self> {
        let (flavor, name) = id.split_once('/')?;
        let flavor = match flavor {
            "gnu" => Flavor::Gnu,
            "busybox" => Flavor::BusyBox,
            _ => return None,
        };
        Self::new(flavor, name)
    }
}

tools! {
    at once:
    "[" => test::program,
    "basename" => path::basename,
    "chgrp" => chmod::owner,
    "chmod" => chmod::run,
    "chown" => chmod::owner,
    "clear" => who::clear,
    "cp" => cp::run,
    "date" => date::run,
    "dd" => dd::run,
    "df" => memory::df,
    "dirname" => path::dirname,
    "docker" => refused::run,
    "du" => du::run,
    "echo" => echo::run,
    "expr" => expr::run,
    "fallocate" => truncate::allocate,
    "false" => yes::no,
    "free" => memory::free,
    "git" => refused::run,
    "groups" => who::groups,
    "helm" => refused::run,
    "hostname" => who::hostname,
    "id" => who::id,
    "kill" => kill::run,
    "install" => install::run,
    "less" => refused::run,
    "killall" => ps::find,
    "ln" => ln::run,
    "ls" => ls::run,
    "man" => refused::man,
    "mkdir" => mkdir::run,
    "mktemp" => path::mktemp,
    "mount" => memory::mount,
    "mv" => mv::run,
    "nano" => refused::run,
    "nproc" => who::nproc,
    "pgrep" => ps::find,
    "pidof" => ps::find,
    "pkill" => ps::find,
    "printenv" => env::print,
    "printf" => printf::run,
    "ps" => ps::run,
    "pwd" => who::pwd,
    "readlink" => ln::read,
    "realpath" => ln::real,
    "rm" => rm::run,
    "rmdir" => mkdir::remove,
    "stat" => stat::run,
    "sync" => who::sync,
    "sysctl" => sysctl::run,
    "test" => test::program,
    "touch" => touch::run,
    "true" => yes::nothing,
    "truncate" => truncate::run,
    "tty" => who::tty,
    "uname" => who::uname,
    "unzip" => refused::run,
    "uptime" => memory::uptime,
    "vi" => refused::run,
    "vim" => refused::run,
    "which" => path::which,
    "whoami" => who::whoami,
    "arp" => network::ip::arp,
    "ifconfig" => network::ip::ifconfig,
    "ip" => network::ip::ip,
    "netstat" => network::ss::netstat,
    "route" => network::ip::route,
    "ss" => network::ss::ss,
    running:
    "gunzip" => Gunzip(gzip::Gzip),
    "gzip" => Gzip(gzip::Gzip),
    "openssl" => Openssl(openssl::Openssl),
    "tar" => Tar(tar::Tar),
    "zcat" => Zcat(gzip::Gzip),
    "curl" => Curl(network::curl::Curl),
    "dig" => Dig(network::dig::Dig),
    "getent" => Getent(network::getent::Getent),
    "host" => Host(network::dig::Host),
    "nc" => Nc(network::nc::Netcat),
    "nslookup" => Nslookup(network::nslookup::Nslookup),
    "more" => More(cat::Cat),
    "ping" => Ping(network::ping::Ping),
    "ping6" => Ping6(network::ping::Ping),
    "telnet" => Telnet(network::nc::Netcat),
    "traceroute" => Traceroute(network::ping::Traceroute),
    "wget" => Wget(network::wget::Wget),
    "awk" => Awk(awk::Awk),
    "base64" => Base64(base64::Base64),
    "jq" => Jq(jq::Jq),
    "cmp" => Cmp(diff::Diff),
    "diff" => Diff(diff::Diff),
    "md5sum" => Md5sum(sum::Sum),
    "nl" => Nl(tac::Tac),
    "paste" => Paste(tac::Tac),
    "rev" => Rev(tac::Tac),
    "sed" => Sed(sed::Sed),
    "sha256sum" => Sha256sum(sum::Sum),
    "tac" => Tac(tac::Tac),
    "busybox" => Busybox(busybox::BusyBox),
    "cat" => Cat(cat::Cat),
    "cut" => Cut(cut::Cut),
    "egrep" => Egrep(grep::Grep),
    "chroot" => Chroot(env::Chroot),
    "env" => Env(env::Env),
    "fgrep" => Fgrep(grep::Grep),
    "find" => Find(find::Find),
    "grep" => Grep(grep::Grep),
    "head" => Head(head::Head),
    "nohup" => Nohup(env::Nohup),
    "seq" => Seq(seq::Seq),
    "sleep" => Sleep(sleep::Sleep),
    "sort" => Sort(sort::Sort),
    "sudo" => Sudo(env::Sudo),
    "tail" => Tail(tail::Tail),
    "tee" => Tee(tee::Tee),
    "time" => Time(time::Time),
    "timeout" => Timeout(timeout::Timeout),
    "top" => Top(memory::Top),
    "tr" => Tr(tr::Tr),
    "uniq" => Uniq(uniq::Uniq),
    "watch" => Watch(watch::Watch),
    "wc" => Wc(wc::Wc),
    "xargs" => Xargs(xargs::Xargs),
    "yes" => Yes(yes::Yes),
}

/// A path below a directory.
fn below(directory: &str, name: &str) -> String {
    if directory.ends_with('/') { format!("{directory}{name}") } else { format!("{directory}/{name}") }
}

/// The last part of a path without slashes at its end.
fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) }
}
