//! Keys, requests and certificates of RSA. Their structure is that of X.509; their numbers are drawn, and nobody signs or
//! reckons with them.

mod der;

use crate::base::sha256::sha256;
use crate::base::{Date, Random};

use der::{Reader, integer, value};
pub use der::{from_pem, pem};

/// `rsaEncryption`, `sha256WithRSAEncryption`.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// `extensionRequest`
const EXTENSIONS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
const EXPONENT: &[u8] = &[1, 0, 1];

/// Parts of names, by their ends of 2.5.4.
const PARTS: &[(&str, u8)] = &[("CN", 3), ("C", 6), ("L", 7), ("ST", 8), ("O", 10), ("OU", 11)];
const EMAIL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
/// Extensions, by their ends of 2.5.29.
const SUBJECT_KEY: u8 = 14;
const ALTERNATIVES: u8 = 17;
const CONSTRAINTS: u8 = 19;
const AUTHORITY_KEY: u8 = 35;

/// A name: its parts in order, `("CN", "web")`.
pub type Name = Vec<(String, String)>;

/// What is known of a certificate, or of a request for one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// Its number.
    pub serial: Vec<u8>,
    /// Who made it; empty in a request.
    pub issuer: Name,
    /// Whom it is for.
    pub subject: Name,
    /// From when on it holds.
    pub from: Date,
    /// Until when it holds.
    pub until: Date,
    /// The modulus of its public key.
    pub modulus: Vec<u8>,
    /// True where others can be made with it.
    pub authority: bool,
    /// `DNS:web`, `IP Address:10.0.0.1`.
    pub alternatives: Vec<String>,
    /// What identifies the key that signed it.
    pub signer: Vec<u8>,
    /// Bytes that nobody reckons with.
    pub signature: Vec<u8>,
}

/// A private key: the bytes of PKCS #8, and its modulus.
pub fn key(random: &mut Random, bits: usize) -> (Vec<u8>, Vec<u8>) {
    let modulus = number(random, bits / 8);
    let mut parts =
        vec![integer(&[0]), integer(&modulus), integer(EXPONENT), integer(&number(random, bits / 8))];
    parts.extend((0..5).map(|_| integer(&number(random, bits / 16))));
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let own = value(der::SEQUENCE, &parts);
    let whole = value(der::SEQUENCE, &[&integer(&[0]), &algorithm(RSA), &value(der::OCTETS, &[&own])]);
    (whole, modulus)
}

/// The modulus of a private key, of PKCS #8 or PKCS #1.
pub fn modulus_of_key(der: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Reader(der).inside()?;
    whole.expect(der::INTEGER)?;
    let mut rest = whole;
    let mut own = match rest.next()? {
        (der::SEQUENCE, _) => {
            let mut inner = Reader(rest.expect(der::OCTETS)?).inside()?;
            inner.expect(der::INTEGER)?;
            inner
        }
        _ => whole,
    };
    Some(unsigned(own.expect(der::INTEGER)?))
}

fn number(random: &mut Random, length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
    bytes[0] |= 0xc0;
    bytes[length - 1] |= 1;
    bytes
}

fn unsigned(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    value(der::SEQUENCE, &[&value(der::OID, &[oid]), &value(der::NULL, &[])])
}

fn public_key(modulus: &[u8]) -> Vec<u8> {
    let own = value(der::SEQUENCE, &[&integer(modulus), &integer(EXPONENT)]);
    value(der::SEQUENCE, &[&algorithm(RSA), &value(der::BITS, &[&[0], &own])])
}

/// Whether a certificate's key is this, both as PEM. None where either is not what this module reads.
pub fn belong_together(certificate: &str, key: &str) -> Option<bool> {
    let own = Certificate::decode(&from_pem(certificate, "CERTIFICATE")?)?;
    Some(modulus_of_key(&from_pem(key, "PRIVATE KEY")?)? == own.modulus)
}

/// What identifies a key: a digest of it, 20 bytes long.
pub fn key_id(modulus: &[u8]) -> Vec<u8> {
    sha256(modulus)[..20].to_vec()
}

fn name(name: &Name) -> Vec<u8> {
    let parts = name.iter().map(|(part, text)| {
        let known = PARTS.iter().find(|(own, _)| own == part).map(|(_, end)| vec![0x55, 4, *end]);
        let oid = value(der::OID, &[&known.unwrap_or_else(|| EMAIL.to_vec())]);
        value(der::SET, &[&value(der::SEQUENCE, &[&oid, &value(der::UTF8, &[text.as_bytes()])])])
    });
    value(der::SEQUENCE, &[&parts.collect::<Vec<_>>().concat()])
}

fn read_name(mut reader: Reader<'_>) -> Option<Name> {
    let mut name = Name::new();
    while let Some((_, set)) = reader.next() {
        let mut pair = Reader(set).inside()?;
        let oid = pair.expect(der::OID)?;
        let part =
            PARTS.iter().find(|(_, end)| oid == [0x55, 4, *end]).map_or("emailAddress", |(own, _)| own);
        name.push((part.into(), String::from_utf8_lossy(pair.next()?.1).into_owned()));
    }
    Some(name)
}

fn time(date: Date) -> Vec<u8> {
    let (year, month, day, hour, minute, second) = date.civil();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    match year {
        ..2050 => value(der::TIME, &[format!("{:02}{rest}", year % 100).as_bytes()]),
        _ => value(der::LONG_TIME, &[format!("{year:04}{rest}").as_bytes()]),
    }
}

fn read_time((tag, text): (u8, &[u8])) -> Option<Date> {
    let text = String::from_utf8_lossy(text);
    let text = if tag == der::TIME { format!("20{text}") } else { text.into_owned() };
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    Date::from_civil(
        i64::from(part(0, 4)?),
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
    )
}

fn extension(end: u8, critical: bool, content: &[u8]) -> Vec<u8> {
    let mark: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    value(der::SEQUENCE, &[&value(der::OID, &[&[0x55, 0x1d, end]]), mark, &value(der::OCTETS, &[content])])
}

impl Certificate {
    fn extensions(&self, request: bool) -> Vec<u8> {
        let mut all = Vec::new();
        if !request {
            all.push(extension(SUBJECT_KEY, false, &value(der::OCTETS, &[&key_id(&self.modulus)])));
            let signer = value(der::SEQUENCE, &[&value(0x80, &[&self.signer])]);
            all.push(extension(AUTHORITY_KEY, false, &signer));
            if self.authority {
                all.push(extension(CONSTRAINTS, true, &value(der::SEQUENCE, &[&[1, 1, 0xff]])));
            }
        }
        if !self.alternatives.is_empty() {
            let names = self.alternatives.iter().map(|own| match own.split_once(':') {
                Some(("IP Address", ip)) => {
                    let bytes: Vec<u8> = ip.split('.').filter_map(|byte| byte.parse().ok()).collect();
                    value(0x87, &[&bytes])
                }
                Some((_, name)) => value(0x82, &[name.as_bytes()]),
                None => Vec::new(),
            });
            let names = value(der::SEQUENCE, &[&names.collect::<Vec<_>>().concat()]);
            all.push(extension(ALTERNATIVES, false, &names));
        }
        value(der::SEQUENCE, &[&all.concat()])
    }

    fn signed(&self, told: &[u8]) -> Vec<u8> {
        value(der::SEQUENCE, &[told, &algorithm(SIGNED), &value(der::BITS, &[&[0], &self.signature])])
    }

    /// What identifies its key.
    pub fn key_id(&self) -> Vec<u8> {
        key_id(&self.modulus)
    }

    /// The certificate.
    pub fn encode(&self) -> Vec<u8> {
        let told = value(
            der::SEQUENCE,
            &[
                &value(0xa0, &[&integer(&[2])]),
                &integer(&self.serial),
                &algorithm(SIGNED),
                &name(&self.issuer),
                &value(der::SEQUENCE, &[&time(self.from), &time(self.until)]),
                &name(&self.subject),
                &public_key(&self.modulus),
                &value(0xa3, &[&self.extensions(false)]),
            ],
        );
        self.signed(&told)
    }

    /// The request for one (PKCS #10).
    pub fn encode_request(&self) -> Vec<u8> {
        let attributes = match self.alternatives.is_empty() {
            true => Vec::new(),
            false => value(
                der::SEQUENCE,
                &[&value(der::OID, &[EXTENSIONS]), &value(der::SET, &[&self.extensions(true)])],
            ),
        };
        let told = value(
            der::SEQUENCE,
            &[&integer(&[0]), &name(&self.subject), &public_key(&self.modulus), &value(0xa0, &[&attributes])],
        );
        self.signed(&told)
    }

    /// Reads either. None for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut whole = Reader(bytes).inside()?;
        let mut told = whole.inside()?;
        whole.inside()?;
        let signature = whole.expect(der::BITS)?.get(1..)?.to_vec();
        let mut own = Self { signature, ..Self::default() };
        let (tag, first) = told.next()?;
        let request = tag == der::INTEGER;
        if !request {
            Reader(first).expect(der::INTEGER)?;
            own.serial = unsigned(told.expect(der::INTEGER)?);
            told.inside()?;
            own.issuer = read_name(told.inside()?)?;
            let mut times = told.inside()?;
            (own.from, own.until) = (read_time(times.next()?)?, read_time(times.next()?)?);
        }
        own.subject = read_name(told.inside()?)?;
        let mut public = told.inside()?;
        public.inside()?;
        let bits = public.expect(der::BITS)?;
        own.modulus = unsigned(Reader(bits.get(1..)?).inside()?.expect(der::INTEGER)?);
        let (_, rest) = told.next().unwrap_or((0, &[]));
        let list = match request {
            true => Reader(rest).inside().and_then(|mut own| {
                own.expect(der::OID)?;
                Reader(own.expect(der::SET)?).inside()
            }),
            false => Reader(rest).inside(),
        };
        let mut list = list.unwrap_or(Reader(&[]));
        while let Some(mut extension) = list.inside() {
            let end = extension.expect(der::OID)?.last().copied();
            let mut content = extension.next()?;
            if content.0 != der::OCTETS {
                content = extension.next()?;
            }
            match end {
                Some(CONSTRAINTS) => own.authority = content.1.ends_with(&[0xff]),
                Some(AUTHORITY_KEY) => own.signer = Reader(content.1).inside()?.next()?.1.to_vec(),
                Some(ALTERNATIVES) => {
                    let mut names = Reader(content.1).inside()?;
                    while let Some((tag, bytes)) = names.next() {
                        let text = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(".");
                        own.alternatives.push(match tag {
                            0x87 => format!("IP Address:{text}"),
                            _ => format!("DNS:{}", String::from_utf8_lossy(bytes)),
                        });
                    }
                }
                _ => {}
            }
        }
        Some(own)
    }
}
