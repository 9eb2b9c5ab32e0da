//! Whether what was requested has come: what the end of a subscription means for its caller.

use super::host::silence_means;
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::{BrokenPipe, Ui};
use crate::name::Topic;
use crate::subscriber::{Awaited, End, Options, Outcome, RetainedFilter, SubscriberFailure};

/// Checks that the requested messages have arrived.
///
/// # Errors
/// What is missing, or why the run failed.
pub fn check(
    ui: &Ui,
    options: &Options,
    topics: &[Topic],
    outcome: Outcome<anyhow::Error>,
    subscribed: bool,
) -> anyhow::Result<()> {
    let Outcome { count, unsettled, result } = outcome;
    let end = result.map_err(|failure| explained(failure, subscribed))?;
    if unsettled > 0 {
        return Err(unwritten(unsettled).into());
    }
    if let Some(wanted) = options.count.filter(|wanted| count < *wanted) {
        return if options.subscribe_only { Ok(()) } else { Err(too_few(count, wanted, end, topics).into()) };
    }
    if options.only == RetainedFilter::Retained && !matches!(end, End::Done | End::Count) {
        let failure = CliError::new(ExitKind::TryAgain, "the run ended before the broker had sent all that it keeps");
        return Err(failure.hint_of(entry!("no-answer"), "try again, or give -W more time").into());
    }
    if options.only == RetainedFilter::Retained && count == 0 {
        ui.note("The broker keeps no message of this topic, or this user may not read it.");
    }
    Ok(())
}

/// Explains a run that failed.
fn explained(failure: SubscriberFailure<anyhow::Error>, subscribed: bool) -> anyhow::Error {
    match failure {
        SubscriberFailure::Host(e) if e.is::<BrokenPipe>() && !subscribed => {
            let early = CliError::new(
                ExitKind::TryAgain,
                "the reader of the output closed it before the subscription was granted",
            );
            early.hint(entry!("not-subscribed")).into()
        }
        SubscriberFailure::Host(e) => e,
        SubscriberFailure::Subscription(e) => e.into(),
        SubscriberFailure::Early { end, awaited, last } => early(end, awaited, last).into(),
    }
}

/// Explains a run that ended before it had a subscription.
fn early(end: End, awaited: Awaited, last: Option<anyhow::Error>) -> CliError {
    let what = match end {
        End::Wait => "timed out before the subscription was granted",
        _ => "the run ended before the subscription was granted",
    };
    let failure = CliError::new(ExitKind::TryAgain, what).because(awaited.missing());
    let failure = match last {
        Some(last) => failure.because(format!("{last:#}")),
        None => failure,
    };
    failure.hint(entry!("not-subscribed"))
}

/// Explains messages that came and were not printed.
fn unwritten(count: u64) -> CliError {
    let text = match count {
        1 => "1 message arrived and could not be written".into(),
        n => format!("{n} messages arrived and could not be written"),
    };
    let failure = CliError::new(ExitKind::TryAgain, text).because("the reader of the output has stopped reading");
    failure.hint(entry!("reader-stalls"))
}

/// Explains that fewer messages came than were wanted.
fn too_few(count: u64, wanted: u64, end: End, topics: &[Topic]) -> CliError {
    let failure = |text: String| CliError::new(ExitKind::TryAgain, text);
    let in_time = || failure(format!("only {count} of {wanted} messages arrived in time"));
    match end {
        End::Done => failure(format!("the broker keeps only {count} of {wanted} messages"))
            .hint_of(entry!("not-bought"), "publish with --retain, and the broker keeps the last message of a topic"),
        End::Signal => {
            failure(format!("only {count} of {wanted} messages arrived before the signal")).hint(entry!("interrupted"))
        }
        // One message shows that the topic exists and may be read.
        _ if count > 0 => in_time().hint_of(entry!("not-bought"), "give -W more time, or -C fewer messages"),
        _ => in_time()
            .because(silence_means(topics))
            .hint_of(entry!("not-bought"), "publish to the topic with `{i3} pub` and look at its exit code"),
    }
}
