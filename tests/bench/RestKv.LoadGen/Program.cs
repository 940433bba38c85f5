using RestKv.LoadGen;

var command = args.Length == 0 ? "" : args[0];
var options = LoadOptions.Parse(args.Skip(1));
return command switch
{
    "grpc" => ClosedLoop.Run(options, authority => new GrpcCalls(options, authority)),
    "h2" => ClosedLoop.Run(options, authority => new RestCalls(options, authority)),
    "watch" => WatchRun.Run(options),
    "steady" => SteadyRun.Run(options),
    _ => LoadOptions.Usage(),
};
