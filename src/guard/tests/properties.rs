//! Properties: no random disguise hides a key, and no input makes the guard fail.

use std::sync::LazyLock;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::key::PrivateKey;

static KEYS: LazyLock<Vec<(Zeroizing<String>, String)>> = LazyLock::new(|| {
    let one = || {
        let key = PrivateKey::generate(2048).unwrap();
        let body = key.to_pem().unwrap().lines().filter(|line| !line.starts_with('-')).collect();
        (key.to_pem().unwrap(), body)
    };
    (0..2).map(|_| one()).collect()
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn no_wrapping_hides_a_key_body(
        which in 0..2usize,
        widths in prop::collection::vec(1..90usize, 1..40),
        between in prop::sample::select(vec!["\n", "\r\n", " ", "\\n", "\\r\\n", "\"\n\"", "\n\t  "]),
        before in "[ \"'`\t\n\u{feff}]{0,6}",
        name in prop::sample::select(vec!["", "pw=", "pw: ", "export X=", "-P", "--pw="]),
        after in "[ \"'`\t\n,;]{0,6}",
        cut in 200..1600usize,
    ) {
        let body = &KEYS[which].1[..cut];
        let mut text = format!("{name}{before}");
        let (mut rest, mut widths) = (body, widths.iter().cycle());
        while !rest.is_empty() {
            let (line, more) = rest.split_at((*widths.next().unwrap()).min(rest.len()));
            text.push_str(line);
            text.push_str(between);
            rest = more;
        }
        text.push_str(&after);
        let refusal = refusal(&text);
        prop_assert!(matches!(refusal, Some(Refusal::PrivateKey(_))), "{refusal:?}");
        assert_says_nothing_of(body.as_bytes(), refusal.as_ref().unwrap());
    }

    #[test]
    fn nothing_around_it_hides_a_pem(which in 0..2usize, before in "\\PC{0,40}", after in "\\PC{0,40}", cut in 24..1700usize) {
        let pem = KEYS[which].0.as_str();
        let text = format!("{before}\n{}{after}", &pem[..cut.min(pem.len())]);
        prop_assert!(matches!(refusal(&text), Some(Refusal::PrivateKey(_))));
    }

    #[test]
    fn any_bytes_are_looked_at_without_failing(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(check::check_bytes(&bytes), None);
    }

    #[test]
    fn damaged_structures_are_looked_at_without_failing(
        which in 0..2usize,
        from in 0..1600usize,
        length in 0..600usize,
        damage in prop::collection::vec((0..600usize, any::<u8>()), 0..8),
    ) {
        let pem = pem::parse(KEYS[which].0.as_bytes()).unwrap();
        let der = pem.contents();
        let from = from.min(der.len());
        let mut piece = der[from..(from + length).min(der.len())].to_vec();
        for (at, value) in damage {
            if let Some(byte) = piece.get_mut(at) {
                *byte = value;
            }
        }
        let _ = check::check_bytes(&piece);
    }
}
