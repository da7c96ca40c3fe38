"""Sentences about recordings: what is wrong with a file, and what to do."""

from typing import Final

SOUND: Final[dict[str, tuple[str, str]]] = {
    "recording_too_large": (
        "Tệp quá lớn. Hãy chọn tệp nhỏ hơn 100 MB.",
        "The file is too large. Choose one below 100 MB.",
    ),
    "recording_wrong_state": (
        "Bản ghi không còn ở bước này. Hãy tải lại trang.",
        "The recording is past this step. Load the page again.",
    ),
    "recording_wrong_offset": (
        "Phần gửi lên không khớp với phần đã nhận; hệ thống sẽ gửi tiếp từ chỗ đúng.",
        "This piece does not fit what has arrived; go on from the offset that is told.",
    ),
    "recording_incomplete": (
        "Bản ghi chưa gửi lên hết. Hãy gửi tiếp.",
        "The recording has not arrived in full. Go on sending.",
    ),
    "recording_in_use": (
        "Bản ghi đang được dùng trong một bản tin nên không xóa được.",
        "An announcement uses this recording, so it cannot be deleted.",
    ),
    "recording_not_ready": (
        "Bản ghi chưa xử lý xong. Hãy đợi giây lát.",
        "The recording is not ready yet. Wait a moment.",
    ),
    "recording_not_heard": (
        "Bản ghi này có dấu hiệu bị cắt hoặc hỏng. Hãy nghe hết rồi xác nhận.",
        "This recording may be cut or damaged. Hear it to its end, then confirm.",
    ),
    "recording_missing": (
        "Chưa có bản ghi. Hãy thu âm hoặc chọn tệp.",
        "There is no recording yet. Record one or choose a file.",
    ),
    "too_many_uploads": (
        "Đang có quá nhiều bản ghi gửi dở. Hãy hoàn tất hoặc bỏ bớt.",
        "Too many uploads are unfinished. Finish or give up some of them.",
    ),
    "storage_failed": (
        "Máy chủ không ghi được bản ghi. Hãy báo quản trị hệ thống.",
        "The server could not store the recording. Tell the administrator.",
    ),
    "storage_full": (
        "Đĩa của máy chủ đã đầy. Hãy báo quản trị hệ thống.",
        "The server's disk is full. Tell the administrator.",
    ),
    "empty_file": ("Tệp trống. Hãy chọn tệp khác.", "The file is empty. Choose another one."),
    "file_too_large": (
        "Tệp quá lớn. Hãy chọn tệp nhỏ hơn 100 MB.",
        "The file is too large. Choose one below 100 MB.",
    ),
    "unsupported_format": (
        "Đây không phải tệp âm thanh dùng được. Hãy chọn MP3, M4A, WAV, OGG hoặc tệp thu âm.",
        "This is no sound file that can be used. Choose MP3, M4A, WAV, OGG or a phone's recording.",
    ),
    "no_audio": (
        "Tệp này không có tiếng. Hãy chọn tệp khác.",
        "There is no sound in this file. Choose another one.",
    ),
    "too_many_channels": (
        "Tệp có quá nhiều kênh âm thanh. Hãy xuất lại thành một hoặc hai kênh.",
        "The file has too many channels. Export it with one or two.",
    ),
    "bad_sample_rate": (
        "Tần số lấy mẫu của tệp không dùng được. Hãy xuất lại ở 44,1 hoặc 48 kHz.",
        "The sample rate cannot be used. Export it at 44.1 or 48 kHz.",
    ),
    "undecodable": (
        "Tệp bị hỏng, không mở được. Hãy thử xuất lại hoặc chọn tệp khác.",
        "The file is damaged and cannot be opened. Export it again or choose another one.",
    ),
    "cut_short": (
        "Phần lớn tệp bị thiếu. Hãy gửi lại tệp đầy đủ.",
        "Most of the file is missing. Send the whole file.",
    ),
    "too_long": (
        "Bản ghi quá dài, nhiều nhất 60 phút. Hãy chia thành nhiều bản.",
        "The recording is too long, at most 60 minutes. Divide it.",
    ),
    "too_short": (
        "Bản ghi quá ngắn. Hãy thu lại.",
        "The recording is too short. Record it again.",
    ),
    "silent": (
        "Bản ghi không có tiếng nói. Hãy kiểm tra micrô rồi thu lại.",
        "Nothing is heard in the recording. Check the microphone and record again.",
    ),
    "upload_unknown": ("Không có bản ghi này.", "There is no such upload."),
    "upload_offset": ("Phần gửi lên không khớp.", "This piece does not fit."),
    "upload_overrun": ("Gửi nhiều hơn đã báo.", "More was sent than announced."),
    "upload_incomplete": ("Bản ghi chưa gửi lên hết.", "The upload is not complete."),
    "hash_differs": (
        "Bản ghi bị sai lệch trên đường truyền. Hãy gửi lại.",
        "The recording was damaged on its way. Send it again.",
    ),
    "asset_unknown": ("Bản ghi không còn.", "The recording is no longer there."),
    "asset_damaged": (
        "Bản ghi trên máy chủ bị hỏng. Hãy gửi lại.",
        "The recording on the server is damaged. Send it again.",
    ),
    "media_busy": (
        "Đang có nhiều bản ghi chờ xử lý. Hãy thử lại sau ít phút.",
        "Many recordings are waiting. Try again in a few minutes.",
    ),
    "tool_missing": (
        "Máy chủ thiếu chương trình xử lý âm thanh. Hãy báo quản trị hệ thống.",
        "A program for sound is missing on the server. Tell the administrator.",
    ),
    "tool_failed": (
        "Không xử lý được bản ghi. Hãy thử lại; nếu còn lỗi, chọn tệp khác.",
        "The recording could not be worked on. Try again, or choose another file.",
    ),
    "tool_timed_out": (
        "Xử lý bản ghi quá lâu nên đã dừng. Hãy chọn tệp khác.",
        "The work on the recording took too long. Choose another file.",
    ),
    "tool_out_of_bounds": (
        "Không xử lý được bản ghi này. Hãy chọn tệp khác.",
        "The recording could not be worked on. Choose another file.",
    ),
}
