//! Data in the format gzip (RFC 1952), made by hand.

const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Bytes without compression.
pub fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = HEAD.to_vec();
    let blocks = bytes.chunks(65_535).count();
    for (number, block) in bytes.chunks(65_535).enumerate() {
        out.push(u8::from(number + 1 == blocks));
        let length = block.len() as u16;
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(crc(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

/// At least this number of zero bytes, compressed about 160 times; the sum at the end is wrong.
pub fn zeros(length: usize) -> Vec<u8> {
    let mut bits = Bits { out: HEAD.to_vec(), byte: 0, count: 0 };
    // The last block, with fixed codes.
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    // The literal 0.
    bits.push(0b0000_1100, 8);
    for _ in 0..length.div_ceil(258) {
        // The length 258 (code 285), and the distance 1 (code 0).
        bits.push(0b1010_0011, 8);
        bits.push(0, 5);
    }
    // The end of the block.
    bits.push(0, 7);
    bits.push(0, 7);
    bits.out.extend([0; 8]);
    bits.out
}

/// Bits, from the lowest of each byte on.
struct Bits {
    out: Vec<u8>,
    byte: u8,
    count: u8,
}

impl Bits {
    fn push(&mut self, bits: u16, count: u8) {
        for at in 0..count {
            self.byte |= ((bits >> at & 1) as u8) << self.count;
            self.count += 1;
            if self.count == 8 {
                self.out.push(std::mem::take(&mut self.byte));
                self.count = 0;
            }
        }
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(!0, step)
}
