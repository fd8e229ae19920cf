//! The authority that certifies who somebody is to the API server.

use crate::api::x509::{Certificate, key};
use crate::base::Random;

use super::ApiServer;
use super::rbac::User;

/// What the authority's key follows from: it is the same in all clusters.
const SEED: u64 = 2;
/// The bits of its key.
const BITS: usize = 2_048;

impl ApiServer {
    /// Its certificate: `--client-ca-file`.
    pub fn authority(&self) -> Certificate {
        let (_, modulus) = key(&mut Random::from_seed(SEED), BITS);
        let name = vec![("CN".to_owned(), self.settings.authority.to_owned())];
        Certificate { subject: name, modulus, authority: true, ..Certificate::default() }
    }

    /// Certifies what was asked for, from five minutes ago (the clocks of others may be behind), for so many seconds.
    pub fn certify(&mut self, asked: Certificate, seconds: i64) -> Certificate {
        const BEHIND: i64 = 300;
        let authority = self.authority();
        let now = self.clock.date();
        let mut bytes =
            |count: usize| (0..count).map(|_| self.random.below(255) as u8 + 1).collect::<Vec<_>>();
        let mut serial = bytes(16);
        serial[0] = serial[0] & 0x7f | 1;
        Certificate {
            serial,
            signature: bytes(BITS / 8),
            from: crate::base::Date(now.0 - BEHIND),
            until: crate::base::Date(now.0 - BEHIND + seconds),
            signer: authority.key_id(),
            issuer: authority.subject,
            authority: false,
            ..asked
        }
    }

    /// Whom a certificate names, if this cluster's authority made it and it holds now: the common name is the user's, the
    /// organizations are the groups (apiserver, `x509.CommonNameUserConversion`).
    pub fn certified(&self, certificate: &Certificate) -> Option<User> {
        let (authority, now) = (self.authority(), self.clock.date());
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
