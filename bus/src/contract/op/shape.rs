//! What is made of the rows of the table of ops: its [`Row`](super::Row)s, [`Op`](super::Op), [`Reply`](super::Reply),
//! and how one is read from the wire and told.

/// Makes the table, and the types of what can be asked and answered.
macro_rules! ops {
    (@group Home $args:ident) => {{ let _ = $args; "" }};
    (@group $about:ident $args:ident) => { &$args.group_id };
    (@actor ForemanOrItself $args:ident) => { &$args.actor_id };
    (@actor Headless $args:ident) => { &$args.actor_id };
    (@actor UserOrItself $args:ident) => { &$args.actor_id };
    (@actor Itself $args:ident) => { &$args.actor_id };
    (@actor Viewer $args:ident) => { &$args.actor_id };
    (@actor $who:ident $args:ident) => {{ let _ = $args; "" }};
    (@denied) => { Code::PermissionDenied };
    (@denied $denied:ident) => { Code::$denied };
    ($(
        $(#[doc = $doc:literal])+
        $name:literal $variant:ident($request:ty) -> $reply:ty,
            $server:ident, $access:ident, $about:ident, $speaker:literal, $who:ident $(else $denied:ident)?,
                [$($code:ident),*] $(+ $late:ident [$($late_code:ident),+])?;
    )*) => {
        /// Every op, in the order of the documentation.
        pub const TABLE: &[Row] = &[$(*<$request as Ask>::ROW),*];

        /// What can be asked.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Op { $($(#[doc = $doc])+ #[serde(rename = $name)] $variant($request)),* }

        /// What is answered.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[expect(clippy::large_enum_variant, reason = "a reply is made once and sent at once; boxing would only cost")]
        pub enum Reply { $($(#[doc = $doc])+ #[serde(rename = $name)] $variant($reply)),* }

        $(
            impl From<$request> for Op {
                fn from(args: $request) -> Self { Op::$variant(args) }
            }

            impl Ask for $request {
                type Answer = $reply;

                const ROW: &'static Row = &Row {
                    name: $name,
                    server: Server::$server,
                    access: Access::$access,
                    about: About::$about,
                    speaker: $speaker,
                    who: Who::$who,
                    denied: ops!(@denied $($denied)?),
                    refusals: &[$(Code::$code,)* $(Code::$denied,)? $($(Code::$late_code,)+)?],
                    late: &[$($((Late::$late, Code::$late_code)),+)?],
                    doc: concat!($($doc),+),
                };

                fn answer(reply: Reply) -> Result<$reply, OpError> {
                    match reply {
                        Reply::$variant(answer) => Ok(answer),
                        other => Err(mixed_up($name, &other)),
                    }
                }
            }
        )*

        impl Op {
            /// Its row.
            pub fn row(&self) -> &'static Row {
                match self { $(Op::$variant(_) => <$request as Ask>::ROW),* }
            }

            /// The group it is about; `""` when it is about the home, or about a group that it will find or make.
            pub fn group_id(&self) -> &str {
                match self { $(Op::$variant(args) => ops!(@group $about args)),* }
            }

            /// The actor it is about, where that decides who may ask; `""` elsewhere.
            pub fn actor_id(&self) -> &str {
                match self { $(Op::$variant(args) => ops!(@actor $who args)),* }
            }

            pub(super) fn read(name: &str, args: Value) -> Result<Self, OpError> {
                match name {
                    $($name => serde_json::from_value(args).map(Op::$variant).map_err(|e| unreadable(name, &e)),)*
                    _ => Err(unknown(name)),
                }
            }
        }

        impl Row {
            /// JSON Schema of what the op takes and of what it gives.
            pub fn schema(&self) -> OpSchema {
                let (args, answer) = self.describe();
                schema::of(self, args, answer)
            }

            /// How the schemas of its arguments and of its answer are made.
            pub(in crate::contract) fn describe(&self) -> (Describe, Describe) {
                match self.name {
                    $($name => (<$request>::json_schema, <$reply>::json_schema),)*
                    other => unreachable!("{other} is a row of the table"),
                }
            }
        }

        impl Reply {
            /// The name of the op that it answers.
            pub fn name(&self) -> &'static str {
                match self { $(Reply::$variant(_) => $name),* }
            }

            /// The `result` object of the wire.
            pub fn to_value(&self) -> Value {
                let value = match self { $(Reply::$variant(reply) => serde_json::to_value(reply)),* };
                value.expect("a reply is plain data")
            }
        }
    };
}
