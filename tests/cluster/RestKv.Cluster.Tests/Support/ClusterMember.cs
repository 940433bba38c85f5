using System.Text.Json;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Support;

/// <summary>One of several members: keeps its name, directory and addresses over any number of processes.</summary>
internal sealed class ClusterMember(
    string name, string dataDirectory, Func<string> initialCluster, string[] flags, MemberHome? home = null) : IAsyncDisposable
{
    private const int ClientPort = 2379;
    private const int PeerPort = 2380;
    private readonly MemberHome _home = home ?? new MemberHome(LoopbackAddresses.Next().ToString());
    private readonly List<RestKvProcess> _former = [];
    private HttpClient? _client;
    private HttpClient? _patient;
    private RestKvProcess? _process;

    public string Name => name;

    public string DataDirectory => dataDirectory;

    public string PeerUrl => $"http://{_home.Host}:{PeerPort}";

    public string ClientUrl => $"http://{_home.Host}:{ClientPort}";

    public System.Net.IPEndPoint PeerEndPoint => new(System.Net.IPAddress.Parse(_home.Host), PeerPort);

    public bool IsRunning { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>Stays the same while processes come and go; a request waits long enough for any failover.</summary>
    public HttpClient Client => _client ??= new HttpClient(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri(ClientUrl),
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>For what is not about refusals: waits out elections, and repeats what may be repeated.</summary>
    public HttpClient Patient => _patient ??= new HttpClient(
        new PatientHandler(new SocketsHttpHandler { UseProxy = false }, givesKeys: true))
    {
        BaseAddress = new Uri(ClientUrl),
        Timeout = Eventually.Deadline,
    };

    public RestKvProcess Process => _process ?? throw new InvalidOperationException($"{name} was not started");

    public string Log => string.Join('\n', _former.Append(_process).Select(process => process?.Log));

    public void Start()
    {
        Assert.False(IsRunning);
        if (_process is not null)
        {
            _former.Add(_process);
        }

        _process = RestKvProcess.Launch(
        [
            "serve", "--name", name, "--data-dir", dataDirectory, "--wal-segment-bytes", "4MiB",
            "--listen-client-urls", ClientUrl, "--listen-peer-urls", PeerUrl,
            "--initial-cluster", initialCluster(), .. flags,
        ],
        _home.Environment,
        enter: _home.Enter);
        IsRunning = true;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        IsRunning = false;
        IsPaused = false;
        await Process.KillAsync();
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        IsRunning = false;
        return await Process.TerminateAsync();
    }

    /// <summary>Its exit code, when it ends by itself.</summary>
    public async Task<int> WaitForExitAsync()
    {
        var code = await Process.WaitForExitAsync();
        IsRunning = false;
        return code;
    }

    public async Task PauseAsync()
    {
        IsPaused = true;
        await Process.PauseAsync();
    }

    public async Task ResumeAsync()
    {
        await Process.ResumeAsync();
        IsPaused = false;
    }

    /// <summary>`/v1/status`, or null when nobody answers.</summary>
    public async Task<JsonElement?> StatusAsync()
    {
        try
        {
            using var json = JsonDocument.Parse(await Client.GetStringAsync("/v1/status"));
            return json.RootElement.Clone();
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await Client.GetAsync("/readyz");
            return response.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>The value of a metric, summed over its labels.</summary>
    public async Task<double> MetricAsync(string metric)
    {
        var lines = (await Client.GetStringAsync("/metrics")).Split('\n')
            .Where(line => line.StartsWith(metric + " ", StringComparison.Ordinal) || line.StartsWith(metric + "{", StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(lines);
        return lines.Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        foreach (var process in _former)
        {
            await process.DisposeAsync();
        }

        _client?.Dispose();
        _patient?.Dispose();
    }
}
