//! What mattered in a simulation so far, for the marks on its time line, found by looking at one snapshot after the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::SimTime;

use super::snapshot::{Name, PodView, Snapshot};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A Pod was created.
    Created,
    /// A container failed, or a Pod cannot be started.
    Failed,
    /// A Pod that had failed, or one of its name, is ready again.
    Healed,
    /// A Pod is ready for the first time.
    Ready,
    /// A Pod is gone.
    Gone,
}

impl Deed {
    /// The word that style sheets and words of the page know it by.
    pub fn word(self) -> &'static str {
        match self {
            Deed::Created => "created",
            Deed::Failed => "failed",
            Deed::Healed => "healed",
            Deed::Ready => "ready",
            Deed::Gone => "gone",
        }
    }
}

/// Something that mattered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: SimTime,
    /// What happened.
    pub deed: Deed,
    /// To which Pod.
    pub pod: Name,
}

/// The state of a Pod, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    uid: String,
    ready: bool,
    failed: bool,
    restarts: i64,
    /// It, or one of its name, failed or went before.
    hurt: bool,
}

/// All that mattered, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    all: Vec<Moment>,
    /// When anything at all changed.
    changes: Vec<SimTime>,
    pods: BTreeMap<Name, Seen>,
    looked: bool,
    until: SimTime,
}

impl Moments {
    /// What mattered.
    pub fn all(&self) -> &[Moment] {
        &self.all
    }

    /// The last change before a moment.
    pub fn change_before(&self, at: SimTime) -> SimTime {
        let before = self.changes.partition_point(|change| *change < at);
        before.checked_sub(1).map_or(SimTime::ZERO, |index| self.changes[index])
    }

    /// The first change after a moment, as far as anything is known of it.
    pub fn change_after(&self, at: SimTime) -> Option<SimTime> {
        let after = self.changes.partition_point(|change| *change <= at);
        self.changes.get(after).copied()
    }

    /// Forgets what came after a moment, when the cluster is as this snapshot says.
    pub fn cut(&mut self, snapshot: &Snapshot) {
        let now = snapshot.now;
        self.all.retain(|moment| moment.at <= now);
        self.changes.retain(|change| *change <= now);
        self.until = now;
        let hurt: BTreeMap<Name, bool> =
            self.pods.iter().map(|(name, seen)| (name.clone(), seen.hurt)).collect();
        self.pods.clear();
        self.look_at(snapshot, false);
        for (name, seen) in &mut self.pods {
            seen.hurt |= hurt.get(name).copied().unwrap_or_default();
        }
    }

    /// Looks at the next snapshot. One of a time that was seen already tells nothing new.
    pub fn observe(&mut self, snapshot: &Snapshot) {
        if self.looked && snapshot.now < self.until {
            return;
        }
        self.until = snapshot.now;
        if self.changes.last() != Some(&snapshot.now) {
            self.changes.push(snapshot.now);
        }
        let first = !std::mem::replace(&mut self.looked, true);
        self.look_at(snapshot, !first);
    }

    fn look_at(&mut self, snapshot: &Snapshot, tell: bool) {
        let now = snapshot.now;
        let mut told = Vec::new();
        let mut tell_of = |deed: Deed, pod: &Name| {
            if tell {
                told.push(Moment { at: now, deed, pod: pod.clone() });
            }
        };
        // A Pod that is gone is remembered as long as another may come under its name.
        let there: BTreeSet<&Name> = snapshot.pods.iter().map(|pod| &pod.name).collect();
        for (name, seen) in &mut self.pods {
            if !seen.uid.is_empty() && !there.contains(name) {
                tell_of(Deed::Gone, name);
                *seen = Seen { hurt: true, ..Seen::default() };
            }
        }
        for pod in &snapshot.pods {
            let seen = self.pods.entry(pod.name.clone()).or_default();
            if seen.uid != pod.uid {
                // One that came back under its name between two looks was gone, too.
                let replaced = !seen.uid.is_empty();
                if replaced {
                    tell_of(Deed::Gone, &pod.name);
                }
                tell_of(Deed::Created, &pod.name);
                *seen = Seen { uid: pod.uid.clone(), hurt: seen.hurt || replaced, ..Seen::default() };
            }
            let (ready, failed) = (is_ready(pod), has_failed(pod));
            if !seen.failed && (failed || pod.restarts > seen.restarts) {
                tell_of(Deed::Failed, &pod.name);
                seen.hurt = true;
            }
            if ready && !seen.ready {
                tell_of(if seen.hurt { Deed::Healed } else { Deed::Ready }, &pod.name);
                seen.hurt = false;
            }
            (seen.ready, seen.failed, seen.restarts) = (ready, failed, pod.restarts);
        }
        self.all.extend(told);
    }
}

fn is_ready(pod: &PodView) -> bool {
    pod.ready.1 > 0 && pod.ready.0 == pod.ready.1 && !pod.terminating
}

fn has_failed(pod: &PodView) -> bool {
    let status = pod.status.as_str();
    !pod.terminating
        && (["Error", "CrashLoopBackOff", "OOMKilled", "Evicted", "Failed"].contains(&status)
            || status.starts_with("Init:Error")
            || status.starts_with("Init:CrashLoop")
            || status.starts_with("Err")
            || status.ends_with("BackOff")
            || status.ends_with("ConfigError"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(second: u64, pods: &[(&str, &str, bool)]) -> Snapshot {
        let pods = pods.iter().map(|(uid, status, ready)| PodView {
            name: Name { namespace: "default".into(), name: "db".into() },
            uid: (*uid).into(),
            node: None,
            ip: None,
            phase: String::new(),
            status: (*status).into(),
            ready: (usize::from(*ready), 1),
            restarts: 0,
            terminating: false,
            labels: BTreeMap::new(),
            containers: Vec::new(),
            volumes: Vec::new(),
            owner: None,
        });
        Snapshot { now: SimTime::from_secs(second), pods: pods.collect(), ..Snapshot::default() }
    }

    fn deeds(moments: &Moments) -> Vec<(u64, &'static str)> {
        moments.all().iter().map(|moment| (moment.at.0 / 1_000_000, moment.deed.word())).collect()
    }

    #[test]
    fn a_life_is_told_once() {
        let mut moments = Moments::default();
        let life = [
            snapshot(0, &[]),
            snapshot(1, &[("a", "Pending", false)]),
            snapshot(2, &[("a", "Running", true)]),
            snapshot(3, &[("a", "Error", false)]),
            snapshot(4, &[("a", "Running", true)]),
            snapshot(5, &[]),
            snapshot(6, &[("b", "Running", true)]),
        ];
        life.iter().for_each(|snapshot| moments.observe(snapshot));
        let told = [
            (1, "created"),
            (2, "ready"),
            (3, "failed"),
            (4, "healed"),
            (5, "gone"),
            (6, "created"),
            (6, "healed"),
        ];
        assert_eq!(deeds(&moments), told);
        // Seeing it again tells nothing new.
        life.iter().for_each(|snapshot| moments.observe(snapshot));
        assert_eq!(deeds(&moments), told);
        assert_eq!(moments.change_before(SimTime::from_secs(4)), SimTime::from_secs(3));
        moments.cut(&life[2]);
        assert_eq!(deeds(&moments), told[..2]);
        moments.observe(&life[5]);
        assert_eq!(deeds(&moments)[2..], [(5, "gone")]);
    }

    #[test]
    fn what_comes_back_between_two_looks_is_healed() {
        let mut moments = Moments::default();
        let life = [
            snapshot(0, &[]),
            snapshot(1, &[("a", "Running", true)]),
            snapshot(2, &[("b", "Pending", false)]),
            snapshot(3, &[("b", "Running", true)]),
        ];
        life.iter().for_each(|snapshot| moments.observe(snapshot));
        let told = [(1, "created"), (1, "ready"), (2, "gone"), (2, "created"), (3, "healed")];
        assert_eq!(deeds(&moments), told);
    }
}
