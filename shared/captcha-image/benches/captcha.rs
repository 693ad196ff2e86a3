//! The `captcha` crate's Medium beside ours, one thread, from the random numbers to the file:
//! `cargo bench -p captcha-image`. Ours must be at least eight times as fast.

use captcha::Difficulty;
use captcha_image::{Picture, draw};
use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 300)]
fn captcha_crate_medium_png(bencher: Bencher) {
    bencher.bench_local(|| captcha::generate(Difficulty::Medium).as_png());
}

#[divan::bench(sample_count = 3000)]
fn ours_png(bencher: Bencher) {
    bench(bencher, |picture| picture.png());
}

#[divan::bench(sample_count = 3000)]
fn ours_jpeg(bencher: Bencher) {
    bench(bencher, |picture| picture.jpeg());
}

#[divan::bench(sample_count = 3000)]
fn ours_before_encoding(bencher: Bencher) {
    bench(bencher, |picture| picture);
}

/// Measures a drawing and `finish`, with another code and seed each time.
fn bench<Output>(bencher: Bencher, finish: impl Fn(Picture) -> Output) {
    let codes = ["7KEMW", "23456", "ACE9P", "UTRX8", "HNFDJ"];
    let mut number = 0_usize;
    bencher
        .with_inputs(|| {
            number += 1;
            let mut seed = [7; 32];
            seed[..size_of::<usize>()].copy_from_slice(&number.to_le_bytes());
            (codes[number % codes.len()], seed)
        })
        .bench_local_values(|(code, seed)| draw(code, seed).map(&finish));
}
