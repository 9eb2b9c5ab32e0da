//! The transcripts of the manual's exit codes are true.

use i3::cli::exit_status::TABLE;

use serde_json::Value;

use crate::program::TestEnv;
use crate::support::pty::screen_of;

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

/// A page of the repository.
fn page(path: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_readme_and_the_page_about_json_show_what_is_printed() {
    let env = TestEnv::with_lot1();
    let broker = env.sandbox.broker_url().to_string();
    let publish =
        |topic: &str, more: &str| env.i3(&format!("pub --device lot1 -t alice/parking/{topic} -m 678 {more}"));
    // Their broker is another, and they have waited for longer.
    let as_shown = |text: &str| text.replace(&broker, "mqtt://i3.example.org:1883").replace("within 1s", "within 10s");
    let readme = page("README.md");
    let dropped = as_shown(&publish("ocupancy", "--timeout 1s").fails(77, &[]).stderr);
    assert!(readme.contains(&format!("{dropped}77\n")), "{dropped}");
    let delivered = screen_of(&publish("occupancy", "").command, 80, 24);
    let words = delivered.trim_end().rsplit_once("after ").unwrap().0;
    assert!(readme.contains(&format!("\n{words}after 1 ms.\n")), "{delivered}");
    for row in TABLE {
        assert!(readme.contains(&format!("| {} | {} |", row.code, row.meaning)), "{}", row.code);
    }
    let example = |schema: &str| -> Value {
        let schema: Value = serde_json::from_str(&page(&format!("docs/schemas/{schema}.json"))).unwrap();
        schema["examples"][0].clone()
    };
    let failed = as_shown(&publish("ocupancy", "--timeout 1s --json").run().stderr);
    assert_eq!(serde_json::from_str::<Value>(&failed).unwrap(), example("error"));
    assert_eq!(env.i3("explain 77 --json").json()["codes"], example("explain")["codes"]);
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
