//! Who may use the web server: roles, and tokens with a name.

use super::document::words;

words! {
    /// What whoever has a token may do in a browser.
    WebRole {
        /// Everything.
        Admin = "admin",
        /// Everything but tokens, access from other machines, secrets, and deleting groups. A member has programs started, so
        /// it is somebody who is trusted on this machine.
        Member = "member",
        /// Read what groups say and do: messages, how far they have come, actors, tasks, context.
        Viewer = "viewer",
    } default Viewer
}
