//! What the language core does otherwise here, because it would act beside the Host or know no limit.
//!
//! An override must have exactly the types of what it replaces: one that takes anything loses.

use std::any::TypeId;
use std::sync::OnceLock;

use rhai::{
    Array, Blob, Dynamic, FnPtr, FuncRegistration, INT, ImmutableString, Module, NativeCallContext,
    Shared,
};

use super::door::{Door, End, Raise};
use super::engine;
use super::limits::PADDED_LENGTH;
use super::register::{self, SharedModule};
use crate::report::{Failure, FailureKind};

/// Returns the functions that replace those of the language core.
pub(super) fn overrides() -> SharedModule {
    static OVERRIDES: OnceLock<SharedModule> = OnceLock::new();
    let module = OVERRIDES.get_or_init(|| {
        let mut module = Module::new();
        add_leaving(&mut module);
        add_replaced(&mut module);
        add_reflection(&mut module);
        add_padding(&mut module);
        module.set_id("language").build_index();
        module.into()
    });
    SharedModule::clone(module)
}

fn new(name: &str) -> FuncRegistration {
    FuncRegistration::new(name).with_volatility(true)
}

/// The core's `exit` is swallowed inside `map` and the like; the sticky flag is not.
fn add_leaving(module: &mut Module) {
    let leave = |ctx: NativeCallContext, value: Dynamic| -> Result<Dynamic, Raise> {
        let door = Door::open(&ctx, "exit")?;
        door.run.end(End::Exit(value));
        Err(door.stop())
    };
    new("exit").set_into_module(module, move |ctx: NativeCallContext| {
        leave(ctx, Dynamic::UNIT)
    });
    new("exit").set_into_module(module, leave);
}

/// Builtins with a name of the core: `sleep` blocks there, `sort_by` sorts in place.
fn add_replaced(module: &mut Module) {
    let list = TypeId::of::<Array>();
    let replaced = [
        ("sleep", vec![TypeId::of::<INT>()]),
        ("sleep", vec![TypeId::of::<f64>()]),
        ("sort_by", vec![list, TypeId::of::<FnPtr>()]),
    ];
    for (name, types) in replaced {
        let Some(builtin) = engine::builtins().find(|builtin| builtin.name == name) else {
            continue;
        };
        let run = move |ctx: &NativeCallContext<'_>, args: &mut [&mut Dynamic]| {
            (builtin.run)(&Door::open(ctx, builtin.name)?, args)
        };
        register::set(module, name, types, Shared::new(run));
    }
}

/// The order and the names of closures differ from process to process.
fn add_reflection(module: &mut Module) {
    const NAME: &str = "get_fn_metadata_list";
    fn refuse(ctx: &NativeCallContext<'_>) -> Result<Array, Raise> {
        let door = Door::open(ctx, NAME)?;
        Err(refused(
            &door,
            "a script cannot list its functions: their order may differ on a replay",
        ))
    }
    new(NAME).set_into_module(module, |ctx: NativeCallContext| refuse(&ctx));
    new(NAME).set_into_module(module, |ctx: NativeCallContext, _: ImmutableString| {
        refuse(&ctx)
    });
    new(NAME).set_into_module(
        module,
        |ctx: NativeCallContext, _: ImmutableString, _: INT| refuse(&ctx),
    );
}

fn refused(door: &Door<'_>, why: &str) -> Raise {
    door.fail(Failure::new(FailureKind::Refused, why))
}

/// The core's `pad` and `blob` allocate any length in one operation, before a limit can look.
fn add_padding(module: &mut Module) {
    new("pad").set_into_module(
        module,
        |ctx: NativeCallContext, list: &mut Array, length: INT, item: Dynamic| {
            let length = checked(&ctx, "pad", length)?;
            if length > list.len() {
                list.resize(length, item);
            }
            Ok::<_, Raise>(())
        },
    );
    new("pad").set_into_module(
        module,
        |ctx: NativeCallContext, bytes: &mut Blob, length: INT, byte: INT| {
            let length = checked(&ctx, "pad", length)?;
            if length > bytes.len() {
                bytes.resize(length, low_byte(byte));
            }
            Ok::<_, Raise>(())
        },
    );
    new("pad").set_into_module(
        module,
        |ctx: NativeCallContext, text: &mut ImmutableString, length: INT, with: char| {
            pad_text(
                text,
                checked(&ctx, "pad", length)?,
                with.encode_utf8(&mut [0; 4]),
            );
            Ok::<_, Raise>(())
        },
    );
    new("pad").set_into_module(
        module,
        |ctx: NativeCallContext, text: &mut ImmutableString, length: INT, with: ImmutableString| {
            pad_text(text, checked(&ctx, "pad", length)?, &with);
            Ok::<_, Raise>(())
        },
    );
    new("blob").set_into_module(module, |ctx: NativeCallContext, length: INT| {
        Ok::<_, Raise>(vec![0_u8; checked(&ctx, "blob", length)?])
    });
    new("blob").set_into_module(module, |ctx: NativeCallContext, length: INT, byte: INT| {
        Ok::<_, Raise>(vec![low_byte(byte); checked(&ctx, "blob", length)?])
    });
}

fn checked(ctx: &NativeCallContext<'_>, function: &str, length: INT) -> Result<usize, Raise> {
    if length > PADDED_LENGTH {
        let message = format!("makes at most {PADDED_LENGTH} items at once, not {length}");
        return Err(Door::open(ctx, function)?.invalid(message));
    }
    Ok(usize::try_from(length).unwrap_or(0))
}

#[expect(
    clippy::cast_sign_loss,
    reason = "the language core takes the low byte, too"
)]
fn low_byte(number: INT) -> u8 {
    (number & 0xff) as u8
}

fn pad_text(text: &mut ImmutableString, length: usize, with: &str) {
    let has = text.chars().count();
    if has < length && !with.is_empty() {
        let missing = with.chars().cycle().take(length - has);
        *text = text.chars().chain(missing).collect::<String>().into();
    }
}
