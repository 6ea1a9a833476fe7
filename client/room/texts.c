#include "client/room/texts.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *english, *vietnamese;
} texts[] = {
    /* The screen. */
    {"r ask for the floor · c withdraw · g give it back · m microphone off/on",
     "r đăng ký phát biểu · c rút đăng ký · g kết thúc phát biểu · m tắt/bật micrô"},
    {"t test the line · e echo cancellation off/on · v camera · s slides · q leave",
     "t thử đường truyền · e khử vọng · v camera · s trình chiếu · q rời phòng"},
    {"Topic (Enter: ask · Esc: no)", "Nội dung (Enter: đăng ký · Esc: thôi)"},
    {"Time left", "Còn lại"},
    {"*** ONE MINUTE ***", "*** SẮP HẾT GIỜ ***"},
    {"*** TIME IS OVER ***", "*** ĐÃ HẾT GIỜ ***"},
    {"loss", "mất gói"},
    {"jitter", "dao động"},
    {"no connection to the server", "mất kết nối máy chủ"},
    {"none", "không có"},
    {"Echo cancellation is on", "Đã bật khử vọng"},
    {"Echo cancellation is off", "Đã tắt khử vọng"},
    {"The line is being tested: speak, and hear yourself a moment later. t: stop",
     "Đang thử đường truyền: hãy nói và nghe lại giọng của mình sau giây lát. t: dừng"},
    {"The line cannot be tested now", "Lúc này chưa thử đường truyền được"},
    {"The line test was stopped", "Đã dừng thử đường truyền"},
    {"Speaking", "Đang phát biểu"},
    {"nobody", "chưa có ai"},
    {"Your place in the queue", "Thứ tự chờ"},
    {"Waiting for the chair", "Đang chờ chủ tọa"},
    {"ON AIR", "ĐANG LÊN SÓNG"},
    {"The microphone is off", "Micrô đang tắt"},
    {"Microphone", "Micrô"},
    {"Speaker", "Loa"},
    {"Line", "Đường truyền"},
    {"Camera", "Camera"},
    {"Slides", "Trình chiếu"},
    {"it has failed, and is tried again", "bị lỗi, đang thử lại"},
    {"There is no screen for a window", "Không có màn hình để mở cửa sổ"},
    {"No connection: it is being looked for", "Mất kết nối, đang nối lại"},
    {"The picture is lost: waiting for it", "Mất hình, đang chờ"},
    {"There is no camera (--camera)", "Không có camera (--camera)"},
    {"The camera is off", "Đã tắt camera"},
    {"The camera is on", "Đã bật camera"},
    {"There is no source of slides (--slides)", "Chưa có nguồn trình chiếu (--slides)"},
    {"The slides are not shown any more", "Đã dừng trình chiếu"},
    {"The slides are being shown. s: stop", "Đang trình chiếu. s: dừng"},
    {"Cameras (--camera, --slides)", "Camera (--camera, --slides)"},
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
    {"there is none, waiting for one to be plugged in", "không có thiết bị, đang chờ cắm vào"},
    {"\"%s\" is not there, using \"%s\"", "không thấy \"%s\", đang dùng \"%s\""},
    {"using \"%s\"", "đang dùng \"%s\""},
    {"the connection was lost in the test", "mất kết nối trong lúc thử"},
    {"the test has ended: the room has the floor", "dừng thử: điểm cầu được mời phát biểu"},
    {"the test took too long", "thử đường truyền quá lâu"},
    {"the media is not connected", "âm thanh chưa nối xong"},
    {"the line is not tested while its room may be heard",
     "không thử đường truyền khi điểm cầu đang lên sóng"},
    {"too many line tests run now: try again soon",
     "nhiều điểm cầu đang thử cùng lúc: hãy thử lại sau ít phút"},
    {"the connection to the server was lost", "mất kết nối với máy chủ, đang nối lại"},
    {"this machine's network address has changed", "máy đã đổi mạng, đang nối lại"},
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
