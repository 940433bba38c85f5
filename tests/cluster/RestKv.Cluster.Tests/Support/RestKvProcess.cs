using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// One running `restkv serve` on a free port. It is killed when the test is done with it, and what it logged stands in every
/// failure of a wait.
/// </summary>
internal sealed class RestKvProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Func<HttpMessageHandler> _newHandler;

    /// <summary>Where the test finds it, if not where it says; it listens on every address of its namespace.</summary>
    private Uri? _seenAs;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RestKvProcess(Process process, Func<HttpMessageHandler> newHandler)
    {
        (_process, _newHandler) = (process, newHandler);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _process.StandardInput.Close();
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public HttpClient Client { get; private set; } = new();

    /// <summary>Of the process, for what the system tells about it.</summary>
    public int Id => _process.Id;

    public string Log => string.Join('\n', _log);

    /// <summary>Starts a member and waits until it is ready.</summary>
    public static Task<RestKvProcess> StartAsync(
        string dataDirectory, IReadOnlyDictionary<string, string>? environment = null, params string[] flags) =>
        StartAsync(
            dataDirectory, "http://127.0.0.1:0", () => new SocketsHttpHandler { UseProxy = false }, environment, flags);

    /// <param name="newHandler">How the test's client connects.</param>
    public static async Task<RestKvProcess> StartAsync(
        string dataDirectory, string listen, Func<HttpMessageHandler> newHandler,
        IReadOnlyDictionary<string, string>? environment, params string[] flags)
    {
        string[] arguments =
        [
            "serve", "--data-dir", dataDirectory, "--listen-client-urls", listen, "--wal-segment-bytes", "4MiB", .. flags,
        ];
        var started = Launch(arguments, environment, newHandler);
        try
        {
            await started.WaitUntilReadyAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a process and waits for nothing.</summary>
    public static RestKvProcess Launch(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Func<HttpMessageHandler>? newHandler = null,
        Func<ProcessStartInfo, ProcessStartInfo>? enter = null)
    {
        var command = RestKvBinary.StartInfo(arguments, environment);
        return new RestKvProcess(
            Process.Start(enter?.Invoke(command) ?? command)!, newHandler ?? (() => new SocketsHttpHandler { UseProxy = false }));
    }

    /// <summary>Starts `serve` in a network namespace, configured by its environment alone, as a container is.</summary>
    public static RestKvProcess LaunchIn(NetworkNamespaces spaces, string name, IReadOnlyDictionary<string, string> environment) =>
        new(Process.Start(spaces.Enter(name, RestKvBinary.StartInfo(["serve"], environment)))!, () => new SocketsHttpHandler { UseProxy = false })
        {
            _seenAs = new Uri($"http://{spaces.AddressOf(name)}:2379"),
        };

    /// <summary>kill -9: nothing of the process runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForExitAsync();
    }

    /// <summary>SIGTERM, as `docker stop` and systemd send it; the exit code when it is gone.</summary>
    public async Task<int> TerminateAsync()
    {
        await SendTerminateAsync();
        return await WaitForExitAsync();
    }

    public Task SendTerminateAsync() => SignalAsync("TERM");

    /// <summary>SIGSTOP: it keeps its connections and does nothing, as in a very long pause.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    public async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the process did not end:\n{Log}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client.Dispose();
        _process.Dispose();
    }

    /// <summary>Until it says where it serves; it may have no leader yet.</summary>
    public async Task WaitUntilServingAsync()
    {
        await Eventually.TrueAsync(() => _address.Task.IsCompleted || _process.HasExited, "the line that says where it serves", () => Log);
        Assert.True(_address.Task.IsCompleted, $"restkv ended before it served:\n{Log}");
        Address = _seenAs ?? await _address.Task;
        Client.Dispose();
        Client = new HttpClient(new PatientHandler(_newHandler(), givesKeys: false)) { BaseAddress = Address, Timeout = Eventually.Deadline };
    }

    public async Task WaitUntilReadyAsync()
    {
        await WaitUntilServingAsync();
        await Eventually.TrueAsync(IsReadyAsync, $"/readyz of {Address}", () => Log);
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task<bool> IsReadyAsync()
    {
        using var response = await Client.GetAsync("/readyz");
        return response.IsSuccessStatusCode;
    }

    /// <summary>The line that says where it serves is part of the contract with operators, so tests may rely on it.</summary>
    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line);
        if (line.Contains("\"event\":\"Serving\"", StringComparison.Ordinal))
        {
            using var json = JsonDocument.Parse(line);
            _address.TrySetResult(new Uri(json.RootElement.GetProperty("addresses").GetString()!.Split(' ')[0]));
        }
    }
}
