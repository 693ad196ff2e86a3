use base64::{Engine, engine::general_purpose::STANDARD};

/// Bytes that show themselves to be a JPEG, another one for each `seed`, and their base64.
pub fn jpeg(seed: u32, length: usize) -> (Vec<u8>, String) {
    picture(b"\xff\xd8\xff\xe0\0\x10JFIF\0", seed, length)
}

/// The same as a PNG.
pub fn png(seed: u32, length: usize) -> (Vec<u8>, String) {
    picture(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", seed, length)
}

fn picture(signature: &[u8], seed: u32, length: usize) -> (Vec<u8>, String) {
    let mut bytes = signature.to_vec();
    bytes.extend(seed.to_be_bytes());
    bytes.resize(length.max(bytes.len()), 7);
    let encoded = STANDARD.encode(&bytes);
    (bytes, encoded)
}
