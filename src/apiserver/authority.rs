//! The authority that certifies who somebody is to the API server.

use crate::api::x509::{Certificate, key, pem};
use crate::base::{Date, Random};

use super::ApiServer;
use super::rbac::User;

/// What the authority's key and number follow from: they are the same in all clusters.
const SEED: u64 = 2;
/// The bits of its key.
const BITS: usize = 2_048;
/// How long it holds, in seconds: ten years.
const LIFE: i64 = 10 * 365 * 86_400;

/// An authority: its certificate and its key.
pub struct Authority {
    certificate: Certificate,
    key: Vec<u8>,
}

impl Authority {
    /// The one of this name that is as old as its cluster.
    pub fn new(name: &str, since: Date) -> Self {
        let mut random = Random::from_seed(SEED);
        let (key, modulus) = key(&mut random, BITS);
        let name = vec![("CN".to_owned(), name.to_owned())];
        let own = Certificate { subject: name, modulus, ..Certificate::default() };
        let certificate = sign(&own, own.clone(), since, LIFE, &mut random);
        Self { certificate: Certificate { authority: true, ..certificate }, key }
    }

    /// The files that it lies in, by their names.
    pub fn files(&self) -> [(&'static str, String, u16); 2] {
        [
            ("ca.crt", pem("CERTIFICATE", &self.certificate.encode()), 0o644),
            ("ca.key", pem("PRIVATE KEY", &self.key), 0o600),
        ]
    }
}

/// Certifies what was asked for, from a date on, for so many seconds.
fn sign(
    authority: &Certificate,
    asked: Certificate,
    from: Date,
    seconds: i64,
    random: &mut Random,
) -> Certificate {
    let mut bytes = |count: usize| (0..count).map(|_| random.below(255) as u8 + 1).collect::<Vec<_>>();
    let mut serial = bytes(16);
    serial[0] = serial[0] & 0x7f | 1;
    Certificate {
        serial,
        signature: bytes(BITS / 8),
        from,
        until: Date(from.0 + seconds),
        issuer: authority.subject.clone(),
        signer: authority.key_id(),
        authority: false,
        ..asked
    }
}

impl ApiServer {
    /// The authority of those who ask it: `--client-ca-file`.
    pub fn authority(&self) -> Authority {
        Authority::new(self.settings.authority, self.clock.epoch)
    }

    /// Certifies what was asked for, for so many seconds, from five minutes ago: the clocks of others may be behind.
    pub fn certify(&mut self, asked: Certificate, seconds: i64) -> Certificate {
        const BEHIND: i64 = 300;
        let from = Date(self.clock.date().0 - BEHIND);
        sign(&self.authority().certificate, asked, from, seconds, &mut self.random)
    }

    /// Whom a certificate names, if this cluster's authority made it and it holds now: the common name is the user's, the
    /// organizations are the groups (apiserver, `x509.CommonNameUserConversion`).
    pub fn certified(&self, certificate: &Certificate) -> Option<User> {
        let (authority, now) = (self.authority().certificate, self.clock.date());
        let holds = certificate.signer == authority.key_id()
            && certificate.issuer == authority.subject
            && certificate.from <= now
            && now <= certificate.until;
        let part = |kind: &'static str| {
            let parts = certificate.subject.iter().filter(move |(own, _)| own == kind);
            parts.map(|(_, text)| text.clone())
        };
        let groups: Vec<String> = part("O").collect();
        part("CN").next().filter(|_| holds).map(|name| User::named(&name, &groups))
    }
}
