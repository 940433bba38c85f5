using System.Globalization;

namespace RestKv.LoadGen;

/// <summary>What to load and how hard, as told on the command line: <c>--name value</c> pairs, unknown names refused.</summary>
internal sealed record LoadOptions
{
    public int Port { get; private init; } = 2379;

    /// <summary>put, get (linearizable) or fill (every key once, in order).</summary>
    public string Operation { get; private init; } = "put";

    /// <summary>etcd or restkv: which of the two APIs a HTTP/1.1 command speaks, and in which a watch's puts are made.</summary>
    public string Target { get; private init; } = "restkv";

    public int Callers { get; private init; } = 64;

    public int Connections { get; private init; } = 1;

    public double Seconds { get; private init; } = 5;

    public double WarmupSeconds { get; private init; } = 1;

    public int Keys { get; private init; } = 100_000;

    public int ValueBytes { get; private init; } = 256;

    /// <summary>Ends after so many calls rather than after a time; 0 means by time.</summary>
    public int Count { get; private init; }

    public int Watchers { get; private init; } = 100;

    /// <summary>Puts a second, over all connections.</summary>
    public int Rate { get; private init; } = 100;

    /// <summary>How long to wait for events still under way after the last put.</summary>
    public double DrainSeconds { get; private init; } = 10;

    public bool IsEtcd => Target == "etcd";

    /// <summary>http or grpc: what a watch is read over.</summary>
    public string Over { get; private init; } = "http";

    public bool IsGrpc => Over == "grpc";

    public static LoadOptions Parse(IEnumerable<string> arguments)
    {
        var options = new LoadOptions();
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var name))
        {
            if (!rest.TryDequeue(out var value))
            {
                throw new ArgumentException($"{name} needs a value");
            }

            options = options.With(name, value);
        }

        return options;
    }

    public static int Usage()
    {
        Console.Error.WriteLine(
            """
            loadgen grpc   --port P --op put|get|fill --callers 64 --connections 1 --seconds 5 [--count N]   etcd's API, gRPC
            loadgen h2     the same                                                                          RestKv's, HTTP/2
            loadgen watch  --port P --target etcd|restkv --over http|grpc --watchers 100 --rate 100 --seconds 5 --connections 2
            loadgen steady --port P --target etcd|restkv --rate 1000 --connections 8
            """);
        return 2;
    }

    private LoadOptions With(string name, string value) => name switch
    {
        "--port" => this with { Port = Whole(value) },
        "--op" => this with { Operation = OneOf(name, value, "put", "get", "fill") },
        "--target" => this with { Target = OneOf(name, value, "etcd", "restkv") },
        "--over" => this with { Over = OneOf(name, value, "http", "grpc") },
        "--callers" => this with { Callers = Whole(value) },
        "--connections" => this with { Connections = Whole(value) },
        "--seconds" => this with { Seconds = Fraction(value) },
        "--warmup" => this with { WarmupSeconds = Fraction(value) },
        "--keys" => this with { Keys = Whole(value) },
        "--value-bytes" => this with { ValueBytes = Whole(value) },
        "--count" => this with { Count = Whole(value) },
        "--watchers" => this with { Watchers = Whole(value) },
        "--rate" => this with { Rate = Whole(value) },
        "--drain" => this with { DrainSeconds = Fraction(value) },
        _ => throw new ArgumentException($"unknown option {name}"),
    };

    private static int Whole(string value) => int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);

    private static double Fraction(string value) =>
        double.Parse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static string OneOf(string name, string value, params string[] known) =>
        known.Contains(value) ? value : throw new ArgumentException($"{name} is one of {string.Join(", ", known)}");
}
