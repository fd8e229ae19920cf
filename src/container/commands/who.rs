//! Who and where: `id`, `whoami`, `groups`, `hostname`, `uname`, `nproc`, `tty`, `pwd`, `logname`.

use super::Flavor;
use super::options::Named;
use crate::container::kernel::Kernel;

/// `whoami`
pub(super) fn whoami(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let uid = kernel.credentials().uid;
    match kernel.user_name(uid) {
        Some(name) => {
            kernel.print(format!("{name}\n"));
            0
        }
        None => {
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => format!("cannot find name for user ID {uid}"),
                    Flavor::BusyBox => format!("unknown uid {uid}"),
                },
            );
            1
        }
    }
}

/// `id`
pub(super) fn id(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [("user", 'u'), ("group", 'g'), ("groups", 'G'), ("name", 'n')];
    let options = match tool.options(kernel, "ugGnr", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut who = kernel.credentials();
    if let Some(name) = options.operands.first() {
        let accounts = kernel.files().read("/etc/passwd").unwrap_or_default();
        let accounts = String::from_utf8_lossy(&accounts).into_owned();
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name));
        let ids = line.and_then(|line| {
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        let Some((uid, gid)) = ids else {
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => format!("\u{2018}{name}\u{2019}: no such user"),
                    Flavor::BusyBox => format!("unknown user {name}"),
                },
            );
            return 1;
        };
        who = crate::container::Credentials::new(uid, gid);
    }
    let user = kernel.user_name(who.uid);
    let mut groups = vec![who.gid];
    groups.extend(who.groups.iter().copied().filter(|gid| *gid != who.gid));
    let names: Vec<Option<String>> = groups.iter().map(|gid| kernel.group_name(*gid)).collect();
    let plain = |id: u32, name: &Option<String>| match name {
        Some(name) if options.has('n') => name.clone(),
        _ => id.to_string(),
    };
    let text = if options.has('u') {
        plain(who.uid, &user)
    } else if options.has('g') {
        plain(who.gid, &names[0])
    } else if options.has('G') {
        groups.iter().zip(&names).map(|(gid, name)| plain(*gid, name)).collect::<Vec<_>>().join(" ")
    } else {
        let both = |id: u32, name: &Option<String>| match name {
            Some(name) => format!("{id}({name})"),
            None => id.to_string(),
        };
        // The kernel keeps them sorted.
        let mut sorted: Vec<_> = groups.iter().zip(&names).collect();
        sorted.sort();
        let list: Vec<String> = sorted.into_iter().map(|(gid, name)| both(*gid, name)).collect();
        // BusyBox lists its own groups only where there are some besides the first.
        let shows = tool.flavor == Flavor::Gnu || list.len() > 1 || !options.operands.is_empty();
        let list = if shows { format!(" groups={}", list.join(",")) } else { String::new() };
        format!("uid={} gid={}{list}", both(who.uid, &user), both(who.gid, &names[0]))
    };
    kernel.print(format!("{text}\n"));
    0
}

/// `groups`
pub(super) fn groups(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    let who = kernel.credentials();
    let mut all = vec![who.gid];
    all.extend(who.groups.iter().copied().filter(|gid| *gid != who.gid));
    let names: Vec<String> =
        all.iter().map(|gid| kernel.group_name(*gid).unwrap_or_else(|| gid.to_string())).collect();
    kernel.print(format!("{}\n", names.join(" ")));
    0
}

/// `hostname`: the addresses are those that `/etc/hosts` has for the name.
pub(super) fn hostname(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long =
        [("ip-address", 'i'), ("all-ip-addresses", 'I'), ("short", 's'), ("fqdn", 'f'), ("domain", 'd')];
    let options = match tool.options(kernel, "iIsfdA", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let name = kernel.hostname();
    if !options.operands.is_empty() {
        tool.say(
            kernel,
            match tool.flavor {
                Flavor::Gnu => "you must be root to change the host name",
                Flavor::BusyBox => "sethostname: Operation not permitted",
            },
        );
        return 1;
    }
    let hosts = kernel.files().read("/etc/hosts").unwrap_or_default();
    let hosts = String::from_utf8_lossy(&hosts).into_owned();
    let lines: Vec<Vec<&str>> = hosts
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().split_whitespace().collect())
        .collect();
    let own: Vec<&Vec<&str>> =
        lines.iter().filter(|words| words.iter().skip(1).any(|word| **word == *name)).collect();
    let text = match options.last_of("iIsfdA") {
        Some('i' | 'I') if own.is_empty() => {
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => "Name or service not known".to_owned(),
                    Flavor::BusyBox => format!("{name}: Name does not resolve"),
                },
            );
            return 1;
        }
        Some('i') => own.iter().map(|words| words[0]).collect::<Vec<_>>().join(" "),
        Some('I') => own.iter().map(|words| format!("{} ", words[0])).collect(),
        Some('s') => name.split('.').next().unwrap_or_default().to_owned(),
        Some('f') => {
            own.first().and_then(|words| words.get(1)).map_or(name.to_string(), |first| (*first).to_owned())
        }
        Some('d') => {
            let full = own.first().and_then(|words| words.get(1)).copied().unwrap_or_default();
            full.split_once('.').map(|(_, domain)| domain.to_owned()).unwrap_or_default()
        }
        _ => name.to_string(),
    };
    if !text.is_empty() {
        kernel.print(format!("{text}\n"));
    }
    0
}

/// `uname`
pub(super) fn uname(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long =
        [("all", 'a'), ("kernel-name", 's'), ("nodename", 'n'), ("kernel-release", 'r'), ("machine", 'm')];
    let options = match tool.options(kernel, "asnrvmpio", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let name = kernel.hostname();
    let parts = [
        ('s', "Linux"),
        ('n', &*name),
        ('r', "6.6.137"),
        ('v', "#1 SMP PREEMPT_DYNAMIC"),
        ('m', "x86_64"),
        ('o', if tool.flavor == Flavor::Gnu { "GNU/Linux" } else { "Linux" }),
    ];
    let none = "asnrvmo".chars().all(|letter| !options.has(letter));
    let shown: Vec<&str> = parts
        .iter()
        .filter(|(letter, _)| options.has('a') || options.has(*letter) || none && *letter == 's')
        .map(|(_, text)| *text)
        .collect();
    kernel.print(format!("{}\n", shown.join(" ")));
    0
}

/// `nproc`
pub(super) fn nproc(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    kernel.print("4\n");
    0
}

/// `tty`
pub(super) fn tty(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    match kernel.is_terminal(0) {
        true => {
            kernel.print("/dev/pts/0\n");
            0
        }
        false => {
            kernel.print("not a tty\n");
            1
        }
    }
}

/// `pwd`
pub(super) fn pwd(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    let cwd = kernel.cwd();
    kernel.print(format!("{cwd}\n"));
    0
}

/// `clear`
pub(super) fn clear(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    kernel.print("\x1b[H\x1b[2J\x1b[3J");
    0
}

/// `sync`
pub(super) fn sync(_: &mut Kernel<'_>, _: Named) -> u8 {
    0
}
