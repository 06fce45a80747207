#include <stdlib.h>
#include "common/view.h"
#include "models/sample-trace.h"
#include "graph/graph-view.h"
#include "attn/attn-view.h"
#include "common/i18n.h"
int main(int argc,char**argv){ gb_export_init(); 
 const GbViewDef*d[]={&gb_graph_view_def,&gb_attn_view_def}; int v=atoi(argv[1]); GbSample s=atoi(argv[2]);
 g_autoptr(GbTrace) t=gb_sample_trace_new(s); g_autoptr(GbTraceCursor) c=gb_trace_cursor_new(t); if(argc>4 && argv[4][0]) { GError*e=NULL; if(!gb_trace_cursor_seek(c,argv[4],&e)) g_error("%s",e->message);} 
 GbExportOptions o={.theme=argc>5?atoi(argv[5]):0,.frame=TRUE,.language=argc>6?argv[6]:"en", .width=argc>7?atof(argv[7]):0,.height=argc>8?atof(argv[8]):0}; GError*e=NULL; if(!gb_view_export(d[v],c,NULL,argv[3],&o,&e)) g_error("%s",e->message); return 0;}
