#include "client/room/texts.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *english, *vietnamese;
} texts[] = {
    /* The screen. */
    {"r ask for the floor · c withdraw · g give it back · m microphone off/on · q leave",
     "r đăng ký phát biểu · c rút đăng ký · g kết thúc phát biểu · m tắt/bật micrô · q rời phòng"},
    {"Speaking", "Đang phát biểu"},
    {"nobody", "chưa có ai"},
    {"Your place in the queue", "Thứ tự chờ"},
    {"Waiting for the chair", "Đang chờ chủ tọa"},
    {"*** ON AIR ***", "*** ĐANG LÊN SÓNG ***"},
    {"The microphone is off", "Micrô đang tắt"},
    {"Microphone", "Micrô"},
    {"Speaker", "Loa"},
    {"Line", "Đường truyền"},
    {"Microphones (--input)", "Micrô (--input)"},
    {"Speakers (--output)", "Loa (--output)"},

    /* The line's states. */
    {"new", "chưa nối"},
    {"connecting", "đang nối"},
    {"connected", "tốt"},
    {"disconnected", "mất tín hiệu, đang chờ"},
    {"failed", "hỏng, đang nối lại"},
    {"closed", "đã đóng"},

    /* What goes wrong. */
    {"A sound device fails", "Thiết bị âm thanh có lỗi"},
    {"the connection to the server was lost", "mất kết nối với máy chủ, đang nối lại"},
    {"the server has not been heard for 15 s", "máy chủ im lặng 15 giây, đang nối lại"},
    {"the room has been opened elsewhere with the same link",
     "điểm cầu này đã được mở ở nơi khác bằng cùng một đường dẫn"},
    {"the sound has been taken over by another connection of this account",
     "âm thanh đã chuyển sang một kết nối khác của tài khoản này"},
    {"the link is not valid any more: ask the meeting's operator for another",
     "đường dẫn không còn hiệu lực: hãy xin kỹ thuật viên đường dẫn khác"},
    {"there is no Nhịp Cầu at this address: look at the link again",
     "địa chỉ này không phải của Nhịp Cầu: hãy xem lại đường dẫn"},
    {"the server asks to wait: too many wrong tries from here",
     "máy chủ yêu cầu chờ: từ đây đã thử sai quá nhiều lần"},
};

const char *texts_say(bool is_english, const char *english)
{
    for (size_t i = 0; !is_english && i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].english, english) == 0)
            return texts[i].vietnamese;
    }
    return english;
}
