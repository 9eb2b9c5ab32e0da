//! The transcripts of the manual's exit codes are true.

use i3::cli::exit_status::TABLE;

use crate::program::TestEnv;

#[test]
fn every_exit_code_is_reached_as_the_manual_shows_it() {
    for row in TABLE {
        let env = TestEnv::with_lot1();
        let outcome = env.shell(row.command).run();
        let broker = env.sandbox.broker_url().to_string();
        let said = format!("{}{}", outcome.stderr, outcome.stdout)
            .replace(&broker, "mqtt://127.0.0.1:1883")
            .replace(&env.path("lot1.pem").display().to_string(), "lot1.pem");
        assert_eq!((outcome.code, said.trim_end()), (i32::from(row.code), row.output), "{outcome}");
    }
}

#[test]
fn the_table_holds_every_code_once_and_in_order() {
    let codes: Vec<u8> = TABLE.iter().map(|row| row.code).collect();
    assert_eq!(codes, [0, 1, 2, 65, 66, 73, 75, 77, 78]);
    let help = TestEnv::new().i3("--help").done().stdout;
    for row in TABLE {
        assert!(help.contains(&format!("{:<3} {}", row.code, row.meaning)), "{help}");
    }
}
