#include "client/room/window.h"

#include "bridge/video/compose/blit.h"
#include "client/room/window_draw.h"
#include "common/clock.h"
#include "common/queue.h"

#include <pthread.h>
#include <SDL.h>
#include <string.h>

#define TURN_MS      8
#define FIRST_WIDTH  1280
#define FIRST_HEIGHT 720
#define FRESH_US     500000 /* a still picture is put on screen so often all the same */
#define SIDE_MOST    3840

struct window {
    struct viewer *viewer;
    bool is_full_screen;
    struct window_handlers handlers;
    void *arg;
    struct queue *to_main;
    pthread_t thread;
    atomic_bool is_over;
    _Atomic int64_t sound_delay_us;
    pthread_mutex_t lock; /* of the texts */
    struct window_page page;
    bool has_changed;
    /* The thread's. */
    SDL_Window *screen;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    struct labels *labels;
    struct picture *shown, *drawn;
    int64_t fresh_us;
};

/* ---- to the main thread ---- */

struct message {
    struct window *window;
    char *text;
};

static void post(struct window *window, void (*take)(void *), const char *text)
{
    struct message *message = g_new(struct message, 1);
    *message = (struct message){window, g_strdup(text)};
    queue_post(window->to_main, take, message);
}

static void take_key(void *arg)
{
    struct message *message = arg;
    if (!atomic_load(&message->window->is_over))
        message->window->handlers.key(message->text, message->window->arg);
    g_free(message->text);
    g_free(message);
}

static void take_end(void *arg)
{
    struct message *message = arg;
    if (!atomic_load(&message->window->is_over))
        message->window->handlers.ended(message->text, message->window->arg);
    g_free(message->text);
    g_free(message);
}

/* ---- keys ---- */

static void press(struct window *window, SDL_Keycode key)
{
    switch (key) {
    case SDLK_RETURN:
    case SDLK_KP_ENTER:
        post(window, take_key, "\n");
        break;
    case SDLK_ESCAPE:
        post(window, take_key, "\033");
        break;
    case SDLK_BACKSPACE:
        post(window, take_key, "\b");
        break;
    case SDLK_F11:
        window->is_full_screen = !window->is_full_screen;
        SDL_SetWindowFullscreen(window->screen,
                                window->is_full_screen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
        break;
    default: /* letters come as text */
        break;
    }
}

static void take_event(struct window *window, const SDL_Event *event)
{
    if (event->type == SDL_QUIT)
        post(window, take_end, NULL);
    else if (event->type == SDL_KEYDOWN)
        press(window, event->key.keysym.sym);
    else if (event->type == SDL_TEXTINPUT)
        post(window, take_key, event->text.text);
    else if (event->type == SDL_WINDOWEVENT)
        window->fresh_us = 0;
}

/* ---- what is seen ---- */

/* A texture and a picture of the window's size, even and at most SIDE_MOST. */
static bool follow_size(struct window *window)
{
    int width, height;
    if (SDL_GetRendererOutputSize(window->renderer, &width, &height) != 0)
        return false;
    width = CLAMP(width, 160, SIDE_MOST) & ~1;
    height = CLAMP(height, 90, SIDE_MOST) & ~1;
    if (window->drawn != NULL && (int)window->drawn->width == width &&
        (int)window->drawn->height == height)
        return true;
    if (window->texture != NULL)
        SDL_DestroyTexture(window->texture);
    picture_unref(window->drawn);
    window->drawn = picture_new((unsigned)width, (unsigned)height);
    window->texture = SDL_CreateTexture(window->renderer, SDL_PIXELFORMAT_IYUV,
                                        SDL_TEXTUREACCESS_STREAMING, width, height);
    return window->texture != NULL;
}

static void show(struct window *window)
{
    struct picture *drawn = window->drawn;
    if (!follow_size(window))
        return;
    drawn = window->drawn;
    pthread_mutex_lock(&window->lock);
    window_draw(drawn, window->shown, &window->page, window->labels);
    window->has_changed = false;
    pthread_mutex_unlock(&window->lock);
    SDL_UpdateYUVTexture(window->texture, NULL, drawn->planes[PICTURE_Y], drawn->strides[PICTURE_Y],
                         drawn->planes[PICTURE_U], drawn->strides[PICTURE_U],
                         drawn->planes[PICTURE_V], drawn->strides[PICTURE_V]);
    SDL_RenderCopy(window->renderer, window->texture, NULL, NULL);
    SDL_RenderPresent(window->renderer);
    labels_trim(window->labels);
}

static bool has_news(struct window *window, int64_t now_us)
{
    struct picture *next =
        viewer_take(window->viewer, now_us, atomic_load(&window->sound_delay_us));
    if (next != NULL) {
        picture_unref(window->shown);
        window->shown = next;
    }
    pthread_mutex_lock(&window->lock);
    bool has_changed = window->has_changed;
    pthread_mutex_unlock(&window->lock);
    return next != NULL || has_changed || now_us - window->fresh_us > FRESH_US;
}

static void turn(struct window *window)
{
    SDL_Event event;
    int has_event = SDL_WaitEventTimeout(&event, TURN_MS);
    while (has_event) {
        take_event(window, &event);
        has_event = SDL_PollEvent(&event);
    }
    int64_t now_us = clock_monotonic_us();
    if (!has_news(window, now_us))
        return;
    window->fresh_us = now_us;
    show(window);
}

static bool open_screen(struct window *window)
{
    Uint32 flags = SDL_WINDOW_RESIZABLE;
    if (window->is_full_screen)
        flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0)
        return false;
    window->screen = SDL_CreateWindow("Nhịp Cầu", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                      FIRST_WIDTH, FIRST_HEIGHT, flags);
    if (window->screen != NULL)
        window->renderer = SDL_CreateRenderer(window->screen, -1, 0);
    if (window->renderer == NULL)
        return false;
    if (window->is_full_screen)
        SDL_ShowCursor(SDL_DISABLE);
    SDL_StartTextInput();
    return true;
}

static void close_screen(struct window *window)
{
    if (window->texture != NULL)
        SDL_DestroyTexture(window->texture);
    if (window->renderer != NULL)
        SDL_DestroyRenderer(window->renderer);
    if (window->screen != NULL)
        SDL_DestroyWindow(window->screen);
    SDL_Quit();
}

static void *run(void *arg)
{
    struct window *window = arg;
    pthread_setname_np(pthread_self(), "window");
    window->labels = labels_new();
    bool is_open = open_screen(window);
    if (!is_open)
        post(window, take_end, SDL_GetError());
    while (is_open && !atomic_load(&window->is_over))
        turn(window);
    close_screen(window);
    labels_free(window->labels);
    picture_unref(window->shown);
    picture_unref(window->drawn);
    return NULL;
}

/* ---- the main thread ---- */

struct window *window_new(struct viewer *viewer, bool is_full_screen,
                          const struct window_handlers *handlers, void *arg)
{
    struct window *window = g_new0(struct window, 1);
    window->viewer = viewer;
    window->is_full_screen = is_full_screen;
    window->handlers = *handlers;
    window->arg = arg;
    window->to_main = queue_new();
    queue_attach(window->to_main, NULL);
    pthread_mutex_init(&window->lock, NULL);
    if (pthread_create(&window->thread, NULL, run, window) != 0)
        g_error("no thread for the window");
    return window;
}

void window_free(struct window *window)
{
    if (window == NULL)
        return;
    atomic_store(&window->is_over, true);
    pthread_join(window->thread, NULL);
    queue_free(window->to_main); /* the thread's last words */
    window_page_clear(&window->page);
    pthread_mutex_destroy(&window->lock);
    g_free(window);
}

void window_write(struct window *window, const struct window_texts *texts)
{
    pthread_mutex_lock(&window->lock);
    window->has_changed = window_page_write(&window->page, texts) || window->has_changed;
    pthread_mutex_unlock(&window->lock);
}

void window_set_sound_delay(struct window *window, int64_t delay_us)
{
    atomic_store(&window->sound_delay_us, delay_us);
}
