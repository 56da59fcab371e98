//! What bytes are that are not UTF-8. Spreadsheets in China save in GBK unless told otherwise, and
//! whoever gets the file back wants to hear that word.

/// Names the encoding that some bytes seem to have.
pub fn complaint(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        "this is UTF-16; save the file as UTF-8"
    } else if is_gbk(bytes) {
        "this is GBK (or GB 18030), not UTF-8; save the file as UTF-8"
    } else {
        "this is not UTF-8"
    }
}

/// ASCII and pairs of a lead byte 81–FE and a trail byte 40–FE without 7F (GBK), or four bytes of
/// which the second is a digit (GB 18030).
fn is_gbk(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [0..=0x7f, rest @ ..] => rest,
            [0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe, rest @ ..] => rest,
            [0x81..=0xfe, 0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, rest @ ..] => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn the_encoding_of_a_spreadsheet_is_named() {
        assert!(complaint(b"\xba\xec\xb2\xe8 tea").contains("GBK"));
        assert!(complaint(b"\xff\xfei\0d\0").contains("UTF-16"));
        assert!(complaint(b"caf\xe9").ends_with("not UTF-8"));
    }
}
