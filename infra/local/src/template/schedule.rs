use std::time::Duration;

use super::{Template, TemplateError};

/// A schedule that invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The event's name in the template.
    pub name: String,
    /// The logical id of the function.
    pub function: String,
    /// The time between two runs.
    pub every: Duration,
}

impl Template {
    /// The schedules. Only `rate(…)` expressions are known.
    pub fn schedules(&self) -> Result<Vec<Schedule>, TemplateError> {
        self.events("ScheduleV2")
            .map(|(function, name, properties)| {
                let expression = properties.schedule_expression.as_deref().unwrap_or_default();
                let every = rate(expression)
                    .ok_or_else(|| TemplateError(format!("{function}: {name}: not a rate: {expression:?}")))?;
                Ok(Schedule { name: name.to_owned(), function: function.to_owned(), every })
            })
            .collect()
    }
}

fn rate(expression: &str) -> Option<Duration> {
    let (count, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    let count: u64 = count.parse().ok().filter(|count| *count > 0)?;
    count.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_alerts_are_tried_again_every_minute() {
        let schedules = Template::embedded().unwrap().schedules().unwrap();
        let expected = Schedule {
            name: "PendingAlerts".to_owned(),
            function: "NoticeFunction".to_owned(),
            every: Duration::from_mins(1),
        };
        assert_eq!(schedules, [expected]);
    }

    #[test]
    fn rates_are_read_in_singular_and_plural() {
        assert_eq!(rate("rate(1 minute)"), Some(Duration::from_mins(1)));
        assert_eq!(rate("rate(5 minutes)"), Some(Duration::from_mins(5)));
        assert_eq!(rate("rate(2 hours)"), Some(Duration::from_hours(2)));
        assert_eq!(rate("rate(0 minutes)"), None);
        assert_eq!(rate("cron(0 12 * * ? *)"), None);
    }
}
