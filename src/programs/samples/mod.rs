//! What tutorials and courses deploy: small servers, and applications of several parts.

mod azure_vote;
mod dockercoins;
mod dwk;
mod echo;
mod fastify;
mod fields;
mod go_servers;
mod guestbook;
mod httpbin;
mod ibm_guestbook;
mod kiada;
mod kuard;
mod kubetm;
mod simple;
mod simple_service;
mod visits;
mod voting;

pub use azure_vote::AzureVote;
pub use dockercoins::Part;
pub use dwk::Dwk;
pub use fastify::Fastify;
pub use go_servers::GoServer;
pub use guestbook::Guestbook;
pub use httpbin::Httpbin;
pub use ibm_guestbook::IbmGuestbook;
pub use kiada::Kiada;
pub use kuard::Kuard;
pub use kubetm::Kubetm;
pub use simple::Simple;
pub use visits::Demo;
pub use voting::Voting;
