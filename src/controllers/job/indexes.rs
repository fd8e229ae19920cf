//! The parts of an indexed Job.

use std::collections::BTreeSet;

use crate::api::Object;
use crate::base::Value;
use crate::controllers::pod;

/// The annotation and label with a Pod's index.
pub(super) const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// Which indexes are done.
pub(super) struct Indexes {
    completions: i64,
    pub(super) succeeded: BTreeSet<i64>,
    failed: BTreeSet<i64>,
    per_index: Option<i64>,
}

pub(super) fn index_of(pod: &Object) -> Option<i64> {
    pod.annotation(INDEX).str().parse().ok()
}

/// How many Pods of an index have failed.
pub(super) fn failures(pods: &[Object], index: i64) -> usize {
    let failed = |pod: &&Object| pod.status().get("phase").str() == "Failed";
    pods.iter().filter(|pod| index_of(pod) == Some(index)).filter(failed).count()
}

/// Reads `0-2,5`.
pub(super) fn parse(text: &str) -> BTreeSet<i64> {
    let mut all = BTreeSet::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
            all.extend(first..=last);
        }
    }
    all
}

/// Writes `0-2,5`; two in a row are `0,1`.
fn print(indexes: &BTreeSet<i64>) -> String {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for index in indexes {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => runs.push((*index, *index)),
        }
    }
    let texts: Vec<String> = runs
        .iter()
        .map(|(first, last)| match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        })
        .collect();
    texts.join(",")
}

impl Indexes {
    pub(super) fn new(job: &Object, pods: &[Object]) -> Self {
        let completions = job.spec().get("completions").int();
        let known = |field: &str| parse(job.status().get(field).str());
        let (mut succeeded, mut failed) = (known("completedIndexes"), known("failedIndexes"));
        let per_index = job.spec().get("backoffLimitPerIndex").as_int();
        for pod in pods.iter().filter(|pod| pod.status().get("phase").str() == "Succeeded") {
            succeeded.extend(index_of(pod).filter(|index| *index < completions));
        }
        if let Some(limit) = per_index {
            let beyond = |index: &i64| failures(pods, *index) as i64 > limit;
            let seen: BTreeSet<i64> = pods.iter().filter_map(index_of).filter(|at| *at < completions).collect();
            failed.extend(seen.into_iter().filter(beyond).filter(|index| !succeeded.contains(index)));
        }
        Self { completions, succeeded, failed, per_index }
    }

    /// The first indexes that are neither done nor being worked on.
    pub(super) fn pending(&self, active: &[Object], count: usize) -> Vec<i64> {
        let taken: BTreeSet<i64> = active.iter().filter(|pod| pod::is_active(pod)).filter_map(index_of).collect();
        (0..self.completions)
            .filter(|index| {
                !taken.contains(index) && !self.succeeded.contains(index) && !self.failed.contains(index)
            })
            .take(count)
            .collect()
    }

    /// Why the Job fails because of its indexes, if it does.
    pub(super) fn verdict(&self, job: &Object) -> Option<(&'static str, &'static str)> {
        self.per_index?;
        let most = job.spec().get("maxFailedIndexes").as_int();
        if most.is_some_and(|most| self.failed.len() as i64 > most) {
            return Some((
                "MaxFailedIndexesExceeded",
                "Job has exceeded the specified maximal number of failed indexes",
            ));
        }
        let done = (self.failed.len() + self.succeeded.len()) as i64 >= self.completions;
        (done && !self.failed.is_empty()).then_some(("FailedIndexes", "Job has failed indexes"))
    }

    pub(super) fn write(&self, status: &mut Value) {
        if !self.succeeded.is_empty() {
            status.set("succeeded", self.succeeded.len());
            status.set("completedIndexes", print(&self.succeeded));
        }
        if self.per_index.is_some() {
            status.set("failedIndexes", print(&self.failed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_indexes() {
        for text in ["", "0", "0,1", "0-2", "1,3-5,7", "0,1,4-6"] {
            assert_eq!(print(&parse(text)), text);
        }
    }
}
