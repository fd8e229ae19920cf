//! The controllers: each brings the store nearer to what its objects say, acting only through the API server.

use std::time::Duration;

use crate::api::ObjectKey;
use crate::apiserver::{ApiServer, Change};

macro_rules! controllers {
    ($($name:ident $module:ident;)*) => {
        $(pub mod $module;)*

        /// A controller's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the modules say it")]
        pub enum Controller { $($name),* }

        impl Controller {
            /// Every controller.
            pub const ALL: &'static [Controller] = &[$(Controller::$name),*];

            /// The objects that this controller must look at because of a change.
            pub fn observe(self, api: &ApiServer, change: &Change, enqueue: &mut dyn FnMut(ObjectKey)) {
                match self { $(Controller::$name => $module::observe(api, change, enqueue)),* }
            }

            /// Looks at one object and does what is to be done. Returns when to look again, where it must without a change.
            pub fn reconcile(self, api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
                match self { $(Controller::$name => $module::reconcile(api, key)),* }
            }
        }
    };
}

controllers! {
    ServiceAccounts service_accounts;
}
