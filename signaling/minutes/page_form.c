/* What the decree's forms have in common (Decree 30/2020/NĐ-CP, annexes I and III): the look of the
 * page and its letterhead. */
#include "signaling/minutes/page.h"

const char page_style[] =
    "@page{size:A4;margin:20mm 15mm 20mm 30mm;"
    "@top-center{content:counter(page);font:13pt 'Times New Roman','Liberation Serif',serif}}"
    "@page:first{@top-center{content:none}}"
    "html{background:#ececea}"
    "body{font:14pt/1.35 'Times New Roman','Liberation Serif','Tinos',serif;color:#000;"
    "background:#fff;max-width:165mm;margin:8mm auto;padding:20mm 15mm 20mm 30mm;"
    "box-shadow:0 1px 6px #0003}"
    "p{margin:0 0 6pt;text-align:justify;overflow-wrap:anywhere}"
    ".field{text-indent:10mm}"
    ".banner{font-size:11pt;background:#fff8e1;border-left:3px solid #b26a00;padding:2mm 3mm;"
    "margin:0 0 8mm;text-align:left}"
    "table{border-collapse:collapse;width:100%}td,th{vertical-align:top;padding:0}"
    ".head td{text-align:center;font-size:12pt}"
    ".head td:first-child{width:38%}.head strong{white-space:nowrap}"
    ".rule::after{content:'';display:block;border-bottom:1px solid #000;margin:1mm auto 0}"
    ".rule.agency::after{width:25mm}.rule.motto::after{width:52mm}.rule.name::after{width:23mm}"
    "h1,h2{text-align:center;font-size:14pt;margin:0;overflow-wrap:anywhere}"
    "h1{margin-top:9mm}h2{margin-bottom:7mm}"
    "h3{font-size:14pt;margin:5mm 0 2mm;break-after:avoid}"
    ".grid{font-size:12pt;margin:2mm 0 4mm;table-layout:fixed}"
    ".grid .number{width:8mm}.grid .short{width:27mm}.grid .middle{width:34mm}.grid "
    ".wide{width:48mm}"
    ".grid td,.grid th{border:1px solid #777;padding:1.2mm 2mm;text-align:left;"
    "overflow-wrap:anywhere}"
    ".grid th{background:#f1f1ef;font-weight:bold}.grid tr{break-inside:avoid}"
    ".grid .number,.grid .time{text-align:center;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}"
    ".course td{padding:0 0 5pt;text-align:justify;overflow-wrap:anywhere}"
    ".course .time{width:24mm;white-space:nowrap;color:#444;font-variant-numeric:tabular-nums;"
    "text-align:left}"
    ".course .item td{font-weight:bold;padding-top:4pt;text-align:left}"
    ".course .item .time{font-weight:normal}"
    ".course tr{break-inside:avoid}"
    ".note{white-space:pre-line}.soft{color:#444}.withdrawn .text{text-decoration:line-through}"
    ".play{white-space:nowrap;font-size:11pt;color:#8a1216;text-decoration:none}"
    ".play:hover{text-decoration:underline}"
    ".player{font-size:11pt;margin:0 0 3mm}audio{width:100%;display:block;margin:1mm 0 0}"
    ".sign{margin-top:10mm;break-inside:avoid}.sign td{text-align:center;width:50%}"
    ".sign .space{height:28mm}"
    ".copies{font-size:11pt;margin-top:6mm}.copies p{margin:0;text-align:left}"
    ".copies strong{font-size:12pt;font-style:italic}"
    ".annex{break-before:page;margin-top:14mm}.annex h3{text-align:center}"
    ".proof{font-size:10pt;color:#444;margin-top:10mm;text-align:left}"
    "@media print{html{background:none}body{margin:0;padding:0;max-width:none;box-shadow:none}"
    ".player,.play,.banner{display:none}.annex{margin-top:0}}"
    "@media(max-width:700px){body{padding:6mm 5mm;margin:0;font-size:12pt}"
    ".head td{display:block;width:auto!important;margin-bottom:3mm}}";

void page_letterhead(GString *page, const char *kind, const char *place_and_date)
{
    g_string_append_printf(page,
                           "<table class=\"head\"><tr><td><div>TÊN CƠ QUAN CHỦ QUẢN</div>"
                           "<div class=\"rule agency\"><strong>TÊN CƠ QUAN, TỔ CHỨC</strong></div>"
                           "<div>Số: …… /%s-……</div></td>"
                           "<td><strong>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</strong>"
                           "<div class=\"rule motto\"><strong>Độc lập - Tự do - Hạnh phúc</strong>"
                           "</div>",
                           kind);
    if (place_and_date != NULL) {
        g_string_append(page, "<div><em>");
        page_text(page, place_and_date);
        g_string_append(page, "</em></div>");
    }
    g_string_append(page, "</td></tr></table>");
}
