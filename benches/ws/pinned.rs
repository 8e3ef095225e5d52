//! Running a part of the bench on one core: with two, the time of a single command is that of waking an idle core.

use std::process::Command;

/// Runs this program again with the argument `part`, on one core if the system lets it.
pub(crate) fn run_on_one_core(part: &str) -> crate::Outcome {
    let program = std::env::current_exe()?;
    let core = allowed_core().unwrap_or_else(|| "0".into());
    let quick = crate::is_quick().then_some("--quick");
    let pinned = Command::new("taskset").arg("-c").arg(core).arg(&program).arg(part).args(quick).status();
    let status = match pinned {
        Ok(status) => status,
        Err(error) => {
            println!("{part}: not pinned to one core, so the figures are those of waking cores (taskset: {error})");
            Command::new(&program).arg(part).args(quick).status()?
        }
    };
    if status.success() { Ok(()) } else { Err(format!("{part} failed: {status}").into()) }
}

/// The first core that this process may use; Linux only.
fn allowed_core() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    Some(list.trim().split(['-', ',']).next()?.to_owned())
}
