// A scorer in Rust by the C declarations alone: each customer's value as a share of the largest one, learned. What
// stands in plugin.h is repeated here as far as the scorer needs it; the sizes are checked when it is compiled.
// rustc --edition 2021 --crate-type cdylib -C panic=abort -O scorer.rs: a panic must not cross the border.
#![allow(non_camel_case_types, non_upper_case_globals)]
#![deny(warnings)]

use std::ffi::c_void;
use std::mem::size_of;
use std::os::raw::c_char;
use std::ptr::{copy_nonoverlapping, null};

// ---- plugin.h ---------------------------------------------------------------------------------------------------

const OK: i32 = 0;
const BAD_DATA: i32 = 2;
const INTERNAL: i32 = 7;
const F64: u32 = 1;
const ATTRIBUTES: u32 = 1;
const SCORER: u32 = 1;

#[repr(C)]
struct List {
    items: *const c_void,
    count: u32,
    stride: u32,
}
const NONE: List = List { items: null(), count: 0, stride: 0 };

#[repr(C)]
struct Error {
    size: u32,
    status: i32,
    row: i64,
    param: i32,
    item: i32,
    message: [u8; 1000],
}

#[repr(C)]
struct Column {
    size: u32,
    kind: u32,
    values: *const c_void,
    valid: *const u8,
    offsets: *const i64,
    dictionary: *const c_void,
}

#[repr(C)]
struct Batch {
    size: u32,
    space: u32,
    first_row: i64,
    rows: i64,
    columns: *const *const Column,
    weights: *const f64,
    row_numbers: *const i64,
    column_count: u32,
    reserved: u32,
}

#[repr(C)]
struct Outcome {
    size: u32,
    kind: u32,
    values: *mut c_void,
    valid: *mut u8,
}

#[repr(C)]
struct Field {
    name: *const c_char,
    help: *const c_char,
    period: *const c_char,
    window: *const c_char,
    when: *const c_char,
    kind: u32,
    aggregate: u32,
    span: u32,
    optional: u32,
}

#[repr(C)]
struct Input {
    name: *const c_char,
    bind: *const c_char,
    help: *const c_char,
    fields: List,
    shape: u32,
    optional: u32,
    many: u32,
    reserved: u32,
}

#[repr(C)]
struct Output {
    name: *const c_char,
    unit: *const c_char,
    help: *const c_char,
    kind: u32,
    better: i32,
    meaning: u32,
    of: u32,
}

#[repr(C)]
struct Writer {
    size: u32,
    reserved: u32,
    write: unsafe extern "C" fn(*const Writer, *const c_void, usize) -> i32,
}

type Nothing = Option<unsafe extern "C" fn()>; // a function that this scorer does not have

#[repr(C)]
struct Strategy {
    size: u32,
    role: u32,
    id: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    license: *const c_char,
    normalizer: *const c_char,
    params: List,
    inputs: List,
    outputs: List,
    flags: u32,
    self_size: u32,
    create: Nothing,
    destroy: Nothing,
    state_size: unsafe extern "C" fn(*const c_void) -> usize,
    learn: unsafe extern "C" fn(*const c_void, *mut Learned, *const Batch, *mut Error) -> i32,
    merge: unsafe extern "C" fn(*const c_void, *mut Learned, *const Learned, *mut Error) -> i32,
    finish: unsafe extern "C" fn(*mut Learned, *const Learned, *mut i32, *mut Error) -> i32,
    fit: Nothing,
    save: unsafe extern "C" fn(*const Learned, *const Writer, *mut Error) -> i32,
    load: unsafe extern "C" fn(*mut Learned, *const c_void, usize, *mut Error) -> i32,
    apply: unsafe extern "C" fn(*const Learned, *const Batch, *const *mut Outcome, *mut Error) -> i32,
    weights: Nothing,
    labels: Nothing,
    facts: Nothing,
    extension: Nothing,
}

#[repr(C)]
pub struct Plugin {
    size: u32,
    abi_minor: u32,
    name: *const c_char,
    author: *const c_char,
    homepage: *const c_char,
    strategies: *const *const Strategy,
}

// On machines of 64 bits, as the header's structs have it.
const _: () = assert!(size_of::<Error>() == 1024 && size_of::<Column>() == 40 && size_of::<Batch>() == 56);
const _: () = assert!(size_of::<Field>() == 56 && size_of::<Input>() == 56 && size_of::<Output>() == 40);
const _: () = assert!(size_of::<Outcome>() == 24 && size_of::<Strategy>() == 216 && size_of::<Plugin>() == 40);

fn fail(error: &mut Error, status: i32, message: &str) -> i32 {
    let count = message.len().min(error.message.len() - 1);
    error.message[..count].copy_from_slice(&message.as_bytes()[..count]);
    error.message[count] = 0;
    error.status = status;
    status
}

// The rows of a column of numbers, None where there is no value.
unsafe fn numbers<'a>(batch: &'a Batch, index: usize) -> impl Iterator<Item = Option<f64>> + 'a {
    let column = &**batch.columns.add(index);
    let values = column.values as *const f64;
    (0..batch.rows as usize).map(move |i| {
        let known = column.valid.is_null() || *column.valid.add(i >> 3) >> (i & 7) & 1 == 1;
        known.then(|| *values.add(i))
    })
}

// ---- the scorer -------------------------------------------------------------------------------------------------

// Both the instance and the state: flat bytes, zero at first.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Learned {
    seen: i64,
    largest: f64,
}

unsafe extern "C" fn state_size(_: *const c_void) -> usize {
    size_of::<Learned>()
}

unsafe extern "C" fn learn(_: *const c_void, state: *mut Learned, batch: *const Batch, error: *mut Error) -> i32 {
    let (state, batch, error) = (&mut *state, &*batch, &mut *error);
    for (i, value) in numbers(batch, 0).enumerate() {
        match value {
            Some(x) if x < 0.0 => {
                error.row = batch.first_row + i as i64;
                return fail(error, BAD_DATA, &format!("{} is negative; expected 0 or more", x));
            }
            Some(x) => {
                state.seen += 1;
                state.largest = state.largest.max(x);
            }
            None => {}
        }
    }
    OK
}

unsafe extern "C" fn merge(_: *const c_void, into: *mut Learned, from: *const Learned, _: *mut Error) -> i32 {
    (*into).seen += (*from).seen;
    (*into).largest = (*into).largest.max((*from).largest);
    OK
}

unsafe extern "C" fn finish(this: *mut Learned, state: *const Learned, again: *mut i32, _: *mut Error) -> i32 {
    *this = *state;
    *again = 0;
    OK
}

unsafe extern "C" fn save(this: *const Learned, writer: *const Writer, error: *mut Error) -> i32 {
    match ((*writer).write)(writer, this as *const c_void, size_of::<Learned>()) {
        0 => fail(&mut *error, INTERNAL, "the model could not be written"),
        _ => OK,
    }
}

unsafe extern "C" fn load(this: *mut Learned, bytes: *const c_void, count: usize, error: *mut Error) -> i32 {
    if count != size_of::<Learned>() {
        return fail(&mut *error, BAD_DATA, &format!("{} bytes, expected {}", count, size_of::<Learned>()));
    }
    let mut model = Learned { seen: 0, largest: 0.0 };
    copy_nonoverlapping(bytes as *const u8, &mut model as *mut Learned as *mut u8, count);
    if !(model.largest >= 0.0) {
        return fail(&mut *error, BAD_DATA, "a model whose largest value is below 0");
    }
    *this = model;
    OK
}

unsafe extern "C" fn apply(this: *const Learned, batch: *const Batch, results: *const *mut Outcome, error: *mut Error) -> i32 {
    let largest = (*this).largest;
    let result = &mut **results;
    let out = result.values as *mut f64;
    for (i, value) in numbers(&*batch, 0).enumerate() {
        match value {
            Some(x) if x < 0.0 => return fail(&mut *error, BAD_DATA, "only values of 0 and above have shares"),
            Some(_) if !(largest > 0.0) => *out.add(i) = 0.0,
            Some(x) => *out.add(i) = if x >= largest { 1.0 } else { x / largest },
            None => *result.valid.add(i >> 3) &= !(1 << (i & 7)),
        }
    }
    OK
}

// ---- declarations -----------------------------------------------------------------------------------------------

// Constants that hold pointers to constants: shared between threads without harm.
struct Shared<T>(T);
unsafe impl<T> Sync for Shared<T> {}
unsafe impl Sync for Plugin {}

macro_rules! text {
    ($words:literal) => {
        concat!($words, "\0").as_ptr() as *const c_char
    };
}

const fn list<T>(items: &'static Shared<[T; 1]>) -> List {
    List { items: items as *const Shared<[T; 1]> as *const c_void, count: 1, stride: size_of::<T>() as u32 }
}

static FIELDS: Shared<[Field; 1]> = Shared([Field {
    name: text!("value"),
    help: text!("what is compared"),
    period: null(),
    window: null(),
    when: null(),
    kind: F64,
    aggregate: 0,
    span: 0,
    optional: 0,
}]);
static INPUTS: Shared<[Input; 1]> = Shared([Input {
    name: text!("value"),
    bind: null(),
    help: text!("one value a customer"),
    fields: list(&FIELDS),
    shape: ATTRIBUTES,
    optional: 0,
    many: 0,
    reserved: 0,
}]);
static OUTPUTS: Shared<[Output; 1]> = Shared([Output {
    name: text!("share"),
    unit: null(),
    help: text!("from 0 to 1, of the largest value"),
    kind: F64,
    better: 1,
    meaning: 0,
    of: 0,
}]);
static SHARE: Shared<Strategy> = Shared(Strategy {
    size: size_of::<Strategy>() as u32,
    role: SCORER,
    id: text!("share_rust"),
    version: text!("1.0"),
    summary: text!("the value as a share of the largest one"),
    license: text!("MIT"),
    normalizer: null(),
    params: NONE,
    inputs: list(&INPUTS),
    outputs: list(&OUTPUTS),
    flags: 0,
    self_size: size_of::<Learned>() as u32,
    create: None,
    destroy: None,
    state_size,
    learn,
    merge,
    finish,
    fit: None,
    save,
    load,
    apply,
    weights: None,
    labels: None,
    facts: None,
    extension: None,
});
static STRATEGIES: Shared<[*const Strategy; 2]> = Shared([&SHARE.0, null()]);

#[no_mangle]
pub static tarazu_plugin_v1: Plugin = Plugin {
    size: size_of::<Plugin>() as u32,
    abi_minor: 0,
    name: text!("share_rust"),
    author: null(),
    homepage: null(),
    strategies: &STRATEGIES.0 as *const [*const Strategy; 2] as *const *const Strategy,
};
