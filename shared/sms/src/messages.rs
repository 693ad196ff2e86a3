//! What the messages say. The code is the first number in its message, because phones offer to copy that one.

/// The text that carries a code of `minutes` minutes' life.
#[must_use]
pub fn code_message(code: &str, minutes: i64) -> String {
    format!("【HelpAged】验证码{code}，{minutes}分钟内有效。请勿告诉他人。")
}

/// The text that tells a family of a fall: which camera saw it, and when.
#[must_use]
pub fn alert_message(device_name: &str, at: &str) -> String {
    format!("【HelpAged】摔倒警报：设备“{device_name}”于{at}发现有人摔倒，请立即查看并联系家人。")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_first_number_of_its_message() {
        let message = code_message("042137", 3);
        let first: String =
            message.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        assert_eq!(first, "042137");
    }

    #[test]
    fn an_alert_names_the_camera_and_the_time() {
        let message = alert_message("卧室", "2026-01-02 03:04:05");
        assert!(message.contains("卧室") && message.contains("2026-01-02 03:04:05"));
    }
}
