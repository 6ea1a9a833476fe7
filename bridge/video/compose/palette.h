/* The colours of what the bridge itself draws: dark and calm, so that the rooms are what is looked
 * at. 0xRRGGBB. */
#pragma once

#define PALETTE_GROUND 0x0a1119 /* around the tiles */
#define PALETTE_TILE                                                                               \
    0x121c28 /* of a placard; plain, as shades show their steps in a coded picture */
#define PALETTE_PANEL       0x09111a /* under a text that lies on a picture */
#define PALETTE_RULE        0x2d3c4d
#define PALETTE_TEXT        0xf5f8fb
#define PALETTE_TEXT_DIM    0xb9c5d1
#define PALETTE_ACCENT      0xf0b83c /* who has the floor */
#define PALETTE_LIVE        0xbf2f2a /* badge of a meeting that is on */
#define PALETTE_IDLE        0x3b4a5b /* badge of any other state */
#define PALETTE_PANEL_ALPHA 0.78
